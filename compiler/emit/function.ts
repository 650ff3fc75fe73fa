// One function's IR → JavaScript text, statement by statement.
//
// Control stays structured: loops are `for(;;)`, blocks are labelled. A chain of blocks (ir.ts) that begins with a br_table
// becomes one `switch` whose cases are the code behind the blocks, as it was in the source of the program:
//   block block block  br_table 0 1 2  end A end B end C   →   switch(i){case 0:A case 1:B default:C}
// which works for those leading labels that only the br_table targets. Where labels would nest deeper than parsers take,
// the chain becomes a loop around a switch on a state variable instead (`dispatch`), at any depth a constant two levels.
import {
  type BlockStmt,
  type Expr,
  Fx,
  Ir,
  type IrFunc,
  K,
  type Label,
  type LoopStmt,
  type SetStmt,
  type Stmt,
  type SwitchStmt,
  T,
  clash,
  mayGrow,
} from "../ir/ir.js";
import { endsAbruptly } from "../lower/lower.js";
import { Exact, condition, eqz } from "../ir/make.js";
import { Op } from "../../runtime/wasm/opcodes.js";
import { ACCESS, type MemoryPart, isAccess } from "../ir/access.js";
import { ExpressionPrinter, Need, P, slotName } from "./expression.js";
import type { TargetChoices } from "../targets.js";
import type { References } from "./references.js";
import { Labels } from "./labels.js";
import { word } from "./names.js";
import type { FloatBits } from "../passes/float-bits.js";
import { heapNumbers, isMistakable } from "../passes/fractions.js";
import { branchTree, isTreeOf, rangesOf } from "./branch-tree.js";
import { armsOf } from "../passes/arms.js";
import { Proven } from "./proven.js";
import { type LoopViews, loopViews } from "./views.js";
import { Cells } from "./cells.js";
import { emptyRounds, takeTurns, wantsRounds } from "./warm-up.js";
import { countUses, forEachRoot, nestedLists } from "../ir/walk.js";

/** Nesting of statements at which chains turn into dispatch loops. Some parsers fail at 500 nested blocks. */
const MAX_NESTING = 120;
/** Labels that a chain may nest before it turns into a dispatch loop. */
const MAX_CHAIN = 60;

/** Where a branch to a label goes: a labelled statement, or a state of a dispatch loop. */
interface Target {
  name: string;
  /** Printed as the label of a statement, once something uses it. */
  used: boolean;
  readonly jump: "break" | "continue";
  /** What leaving it by a bare `break` amounts to. */
  readonly exit?: Tail;
  readonly state?: { readonly variable: string; readonly value: number };
}

/** Branches that are the same as falling off the end of the current statement, and so need not be printed. */
interface Tail {
  readonly labels: readonly Label[];
  /** Falling off returns from the function, without results. */
  readonly returns: boolean;
}

const NO_TAIL: Tail = { labels: [], returns: false };

export interface PrintOptions {
  /** One statement a line, so that a line table can tell trap offsets. */
  readonly lines: boolean;
  /**
   * Access memory through small functions of the page instead of the view's methods: shorter, since they add the offset and
   * need no coercions. V8 never optimizes a function of more than 61,440 bytes of bytecode; interpreted, a call of a
   * function that is itself optimized is twice as fast as a method of DataView (test/bench/questions/accessors.js).
   */
  readonly accessors: boolean;
  /** At -Os and -Oz: what is shorter goes before what is faster. */
  readonly compact: boolean;
  /** Loops hold the views of memories in variables (views.ts). */
  readonly heldViews: boolean;
  /** What the function is called, if not `f` with its index. */
  readonly name?: string;
  /** Ahead of the numbers in pieces' names. */
  readonly pieces?: string;
  /** The function is there in halves, too, and takes turns with them (warm-up.ts). */
  readonly takesTurns?: boolean;
  /** Where variables in BigInt form live; its own where it has no pieces. */
  readonly cells?: Cells;
  readonly choices: TargetChoices;
  /** Which memories keep their size while the module's code runs. */
  readonly fixedMemories: readonly boolean[];
}

export interface FunctionText {
  /** Function declarations (two for a function with tail calls), without a final newline. */
  readonly text: string;
  /** Wasm offset of each line of `text`, 0 where none; empty without `lines`. */
  readonly offsets: readonly number[];
}

export function printFunction(func: IrFunc, refs: References, bits: FloatBits, options: PrintOptions): FunctionText {
  return new FunctionPrinter(func, refs, bits, options).run();
}

class FunctionPrinter {
  private readonly printer: ExpressionPrinter;
  private readonly names: (string | undefined)[] = [];
  /** Variables to be declared, by their names. */
  private order: readonly number[] = [];
  private readonly proven: Proven;
  private nextName = 0;
  private text = "";
  private readonly offsets: number[] = [];
  /** Constructs around the current statement that a bare `break` or `continue` would hit. */
  private readonly breakables: (Target | undefined)[] = [];
  private readonly targets = new Map<Label, Target>();
  private nesting = 0;
  private readonly labels = new Labels();
  /** Assignments to be printed in place of a read. */
  private readonly inline = new Map<Expr, SetStmt>();
  private tail: Tail = { labels: [], returns: true };
  /** Variables of the text that the IR has not: states of dispatch loops, temporaries. */
  private readonly extraVariables: string[] = [];
  private readonly cells: Cells;
  private readonly saved: string[] = [];
  /** Local copies of typed arrays, by the arrays' names. */
  private readonly localParts = new Map<string, string>();
  private callResult: string | undefined;

  private readonly views: LoopViews;
  /** Undefined where the target does not mind integers among doubles. */
  private readonly heapNumbers: Uint8Array | undefined;

  private readonly func: IrFunc;
  private readonly refs: References;
  private readonly bits: FloatBits;
  private readonly options: PrintOptions;

  constructor(func: IrFunc, refs: References, bits: FloatBits, options: PrintOptions) {
    this.func = func;
    this.refs = refs;
    this.bits = bits;
    this.options = options;
    this.proven = new Proven(func);
    this.heapNumbers = options.choices.notesIntegers && !options.accessors ? heapNumbers(func) : undefined;
    this.views = options.heldViews ? loopViews(func.body) : new Map();
    this.cells = options.cells ?? new Cells(func);
    this.printer = new ExpressionPrinter({
      refs,
      choices: options.choices,
      part: (memory, part) => this.localParts.get(refs.part(memory, part)) ?? refs.part(memory, part),
      accessors: options.accessors,
      compact: options.compact,
      local: (v) => this.local(v),
      inlined: (read) => this.inlined(read),
      out: (k, type) => refs.out(func.index, k, type),
      piece: (k) => this.pieceName(k),
      isProven: (v) => this.proven.has(v),
      prove: (v) => this.proven.add(v),
      isMistakable: (e) => this.heapNumbers !== undefined && isMistakable(e, this.heapNumbers),
      maySignal: (v) => bits.maySignal[v] === 1,
      cell: (v) => this.cells.of(v),
      saveCells: (call, hasResult) => this.saveCells(call, hasResult),
      temp: () => this.temp(),
    });
  }

  run(): FunctionText {
    const { func } = this;
    let prologue = "";
    const params = func.params
      .map((v) => {
        if (!isWide(func.vars[v]!)) return this.local(v);
        const [low, high] = [this.word(), this.word()];
        prologue += this.printer.parameter(v, low, high);
        return `${low},${high}`;
      })
      .join();
    this.nameVariables();
    for (const v of func.zeroed) if (func.vars[v] === T.w) prologue += `${this.local(v)}=0n;`;
    if (this.options.choices.localArrays) this.copyParts();
    this.statements(func.body);
    const body = this.labels.resolve(this.text);
    const zeroed = new Set(func.zeroed);
    const declared: string[] = [];
    for (const [part, copy] of this.localParts) declared.push(`${copy}=${part}`);
    for (const v of this.order) {
      const type = func.vars[v]!;
      const name = this.names[v]!;
      declared.push(zeroed.has(v) ? `${name}=${type === T.r ? "null" : type === T.l ? "0n" : "0"}` : name);
    }
    const [before, rounds, after] = this.warmUp(params, body);
    declared.push(...new Set(this.extraVariables));
    const variables = (declared.length === 0 ? "" : `var ${declared.join()};`) + before + prologue + rounds;
    const name = func.piece > 0 ? this.pieceName(func.piece) : (this.options.name ?? `f${func.index}`);
    const end = this.options.lines ? "\n" : "";
    const own = func.tailCalls ? name + "_" : name;
    let text = `function ${own}(${params}){${variables}${end}${after === "" ? unterminated(body) : body + after}}`;
    const offsets = this.options.lines ? [0, ...this.offsets, 0] : [];
    if (func.tailCalls) {
      const S = this.refs.state();
      text += `${end}function ${name}(${params}){var r_=${own}(${params});while(r_===${S})r_=${S}.tf.apply(null,${S}.ta);return r_}${name}.t=${own};`;
      if (this.options.lines) offsets.push(0);
    }
    return { text, offsets };
  }

  private pieceName(piece: number): string {
    return `f${this.func.index}_${this.options.pieces ?? ""}${piece}`;
  }

  /** What stands before the prologue, before the body and behind it where V8 is to be warmed up (warm-up.ts). */
  private warmUp(params: string, body: string): readonly [before: string, rounds: string, after: string] {
    const { func, refs } = this;
    if (this.options.takesTurns !== true) return ["", "", ""];
    if (func.piece === 0) return [takeTurns(func.index, params, refs), "", ""];
    if (!wantsRounds(func, body)) return ["", "", ""];
    const left = this.temp();
    return ["", `for(${left}=${emptyRounds(func.index, refs)};;)if(!--${left}){`, "return}"];
  }

  /** The parameters have the first names, the others follow by how often they are used: gzip likes few names that are frequent. */
  private nameVariables(): void {
    const { func } = this;
    const uses = countUses(func);
    const isDeclared = (type: T, v: number): boolean =>
      this.names[v] === undefined ? uses[v]! > 0 && type !== T.w : type === T.l;
    const declared: number[] = [];
    for (let v = 0; v < func.vars.length; v++) if (isDeclared(func.vars[v]!, v)) declared.push(v);
    this.order = declared.sort((v, w) => uses[w]! - uses[v]! || v - w);
    for (const v of this.order) this.local(v);
  }

  private local(v: number): string {
    return (this.names[v] ??= this.func.vars[v] === T.w ? this.printer.cell(this.cells.of(v)!) : this.word());
  }

  /** Names local copies for the parts of memories that are used often enough. */
  private copyParts(): void {
    for (const { memory, part, weight } of partUses(this.func, this.options.fixedMemories)) {
      if (weight > 1) this.localParts.set(this.refs.part(memory, part), this.word());
    }
  }

  private word(): string {
    return word(this.nextName++);
  }

  private temp(): string {
    const name = this.word();
    this.extraVariables.push(name);
    return name;
  }

  /** A callee uses the same cells: the caller's are set aside in variables, which V8 keeps in machine words. */
  private saveCells(call: string, hasResult: boolean): string {
    if (this.cells.variables.length === 0) return call;
    const own = this.cells.variables.map((v) => this.local(v));
    while (this.saved.length < own.length) this.saved.push(this.temp());
    const save = own.map((cell, i) => `${this.saved[i]}=${cell}`).join();
    const restore = own.map((cell, i) => `${cell}=${this.saved[i]}`).join();
    if (!hasResult) return `${save},${call},${restore}`;
    this.callResult ??= this.temp();
    return `(${save},${this.callResult}=${call},${restore},${this.callResult})`;
  }

  private print(e: Expr, need: Need, min: P): string {
    return this.printer.print(e, need, min);
  }

  // ---- statements ----

  private line(text: string, at: number): void {
    this.text += text;
    if (!this.options.lines) return;
    this.text += "\n";
    this.offsets.push(at);
  }

  /** Prints a list; `tail` says what falling off its end amounts to. */
  private statements(body: readonly Stmt[], tail: Tail = this.tail): void {
    const outer = this.tail;
    const last = body.length - 1;
    for (let i = 0; i <= last; i++) {
      const s = body[i]!;
      const next = body[i + 1];
      if (this.options.compact && s.kind === K.expr && next?.kind === K.expr && isPair(s.e, next.e)) {
        i++;
        this.line(`${this.printer.memory.storePair(s.e, next.e)};`, firstAt(s.e));
        continue;
      }
      if (s.kind === K.set && next !== undefined && this.func.vars[s.v] !== T.w) {
        const read = firstRead(next, s);
        if (read !== undefined) {
          this.inline.set(read, s);
          continue;
        }
      }
      this.tail = i === last ? tail : NO_TAIL;
      this.statement(s);
    }
    this.tail = outer;
  }

  /** The tail of part `i` of a chain: its label, and behind the last part whatever the chain's own tail is. */
  private tailOf({ labels }: BlockStmt, i: number, outer: Tail): Tail {
    if (i < labels.length - 1) return { labels: [labels[i]!], returns: false };
    return { labels: [labels[i]!, ...outer.labels], returns: outer.returns };
  }

  private statement(s: Stmt): void {
    switch (s.kind) {
      case K.set:
        return this.set(s.v, s.e);
      case K.expr:
        return this.effect(s.e);
      case K.br:
        return this.tail.labels.includes(s.label) ? undefined : this.line(this.jump(s.label), 0);
      case K.if:
        return this.if_(s.cond, s.then, s.else);
      case K.loop:
        return this.loop(s);
      case K.block:
        return this.chain(s);
      case K.switch:
        return this.switch_(s);
      case K.return:
        return this.return_(s.args);
    }
  }

  private set(v: number, e: Expr): void {
    this.line(`${this.assignment(v, e)};`, firstAt(e));
  }

  private assignment(v: number, e: Expr): string {
    const step = this.options.choices.shapes === "short" ? stepOf(v, e) : 0;
    if (step !== 0) {
      this.proven.assign(v);
      return (step > 0 ? "++" : "--") + this.local(v);
    }
    const need = e.type === T.f && !this.bits.bitsMatter[v] ? Need.arithmetic : Need.value;
    const value = this.print(e, need, P.assign);
    this.proven.assign(v);
    return `${this.local(v)}=${value}`;
  }

  /** The assignment that takes the place of a read, see `firstRead`. */
  private inlined(read: Expr): string | undefined {
    const s = this.inline.get(read);
    if (s === undefined) return undefined;
    this.inline.delete(read);
    return this.assignment(s.v, s.e);
  }

  private effect(e: Expr): void {
    if (e.op === Ir.return_call || e.op === Ir.return_call_indirect) return this.tailCall(e);
    this.line(this.print(e, Need.nothing, P.comma) + ";", firstAt(e));
  }

  private return_(args: readonly Expr[]): void {
    if (args.length === 0) return this.tail.returns ? undefined : this.line("return;", 0);
    let text = "return ";
    if (args.length === 1) return this.line(`${text}${this.printer.result(args[0]!)};`, firstAt(args[0]!));
    for (let k = 1; k < args.length; k++) {
      text += `${this.refs.state()}.${slotName(k, args[k]!.type)}=${this.print(args[k]!, Need.value, P.assign)},`;
    }
    this.line(
      text + this.print(args[0]!, Need.value, P.assign) + ";",
      args.reduce((at, e) => at || firstAt(e), 0),
    );
  }

  /** Hands the caller's trampoline a continuation where the callee has one, else calls (RATIONALE.md). */
  private tailCall(e: Expr): void {
    const S = this.refs.state();
    const direct = e.op === Ir.return_call;
    const callee = direct ? this.refs.func(e.imm) : this.printer.calleeAsOperand(e);
    const operands = direct ? e.args : e.args.slice(1);
    let args = this.printer.arguments(operands, Need.value);
    // An array of nothing but doubles makes signalling NaNs quiet on V8. A literal null makes it general from the start; the
    // surplus argument does no harm.
    if (operands.some((a) => a.type === T.f || a.type === T.d)) args += ",null";
    if (direct) this.line(`${S}.ta=[${args}];return(${S}.tf=${callee}.t)?${S}:${callee}.apply(null,${S}.ta);`, e.at);
    else
      this.line(
        `${S}.tx=${callee};${S}.ta=[${args}];return(${S}.tf=${S}.tx.t)?${S}:${S}.tx.apply(null,${S}.ta);`,
        e.at,
      );
  }

  private jump(label: Label): string {
    const target = this.targets.get(label)!;
    if (this.breakables[this.breakables.length - 1]?.exit?.labels.includes(label)) return "break;";
    let text = "";
    if (target.state !== undefined) text = `${target.state.variable}=${target.state.value};`;
    // A bare break or continue where the target is the innermost construct that it would hit.
    for (let i = this.breakables.length; --i >= 0;) {
      const around = this.breakables[i];
      if (around === target) return `${text}${target.jump};`;
      // `continue` passes through a switch.
      if (target.jump === "break" || around === undefined || around.jump === "continue") break;
    }
    target.used = true;
    text += `${target.jump} ${target.name};`;
    return text;
  }

  private if_(cond: Expr, then: readonly Stmt[], otherwise: readonly Stmt[]): void {
    cond = condition(cond);
    if (then.length === 0) {
      if (otherwise.length === 0) return this.effect(cond);
      return this.if_(condition(eqz(cond)), otherwise, []);
    }
    const head = `if(${this.print(cond, Need.truth, P.comma)})`;
    const before = this.proven.mark();
    this.nesting++;
    const body = this.captured(() => this.statements(then), firstAt(cond), head);
    const afterThen = this.proven.close(before, endsAbruptly(then));
    if (otherwise.length > 0) {
      this.text += body;
      const tail = this.captured(() => this.statements(otherwise), 0, "else");
      this.text += tail;
    } else this.text += body;
    this.nesting--;
    this.proven.join(before, afterThen, endsAbruptly(otherwise) && otherwise.length > 0);
  }

  /** Prints a body behind `head`, in braces unless it is one simple statement. */
  private captured(body: () => void, at: number, head: string, braces = false): string {
    const outer = this.text;
    this.text = "";
    const count = this.offsets.length;
    body();
    const text = this.text;
    this.text = outer;
    if (!this.options.lines) {
      if (!braces && isSimple(text)) return head + (head === "else" ? " " : "") + text;
      return `${head}{${unterminated(text)}}`;
    }
    // With lines the head and the closing brace have lines of their own.
    this.offsets.splice(count, 0, at);
    this.offsets.push(0);
    return `${head}{\n${text}}\n`;
  }

  private loop(s: LoopStmt): void {
    const views = this.views.get(s) ?? new Set();
    for (const memory of views) {
      this.line(`${this.refs.hold(memory)};`, 0);
      this.extraVariables.push(this.refs.memory(memory));
    }
    this.loopItself(s.label, s.body);
    for (const memory of views) this.refs.release(memory);
  }

  private loopItself(label: Label, body: readonly Stmt[]): void {
    const target: Target = { name: this.labels.open(), used: false, jump: "continue", exit: this.tail };
    this.targets.set(label, target);
    this.breakables.push(target);
    this.nesting++;
    this.proven.enterLoop(body);
    const last = body[body.length - 1];
    // A conditional jump back at the end: leave where it is not taken.
    const backEdge = last?.kind === K.if && last.else.length === 0 && endsWithJumpTo(last.then, label);
    const forever = last?.kind === K.br && last.label === label;
    // `continue` would go to the condition, so there may be no other way back.
    if (backEdge && this.options.choices.shapes === "short" && label.uses === 1 && last.then.length === 1) {
      const text = this.captured(() => this.statements(body.slice(0, -1), NO_TAIL), 0, "do", true);
      const end = `while(${this.print(condition(last.cond), Need.truth, P.comma)});`;
      this.endLoop(target, text);
      this.line(end, firstAt(last.cond));
      return;
    }
    const text = this.captured(
      () => {
        this.statements(backEdge || forever ? body.slice(0, -1) : body, NO_TAIL);
        if (backEdge) {
          this.line(`if(${this.print(condition(eqz(last.cond)), Need.truth, P.comma)})break;`, firstAt(last.cond));
          this.statements(last.then.slice(0, -1), NO_TAIL);
        }
        if (!backEdge && !forever && !endsAbruptly(body)) this.line("break;", 0);
      },
      0,
      "for(;;)",
    );
    this.endLoop(target, text);
  }

  private endLoop(target: Target, text: string): void {
    this.nesting--;
    this.labels.close();
    this.breakables.pop();
    this.text += target.used ? `${target.name}:${text}` : text;
    this.proven.exitLoop();
  }

  // ---- chains of blocks ----

  private chain(s: BlockStmt): void {
    const { labels, parts } = s;
    const head = parts[0]!;
    const last = head[head.length - 1];
    const isTree = last?.kind === K.switch && isTreeOf(last, this.options.choices) && this.fits(labels.length);
    const merged = last?.kind === K.switch && !isTree ? armsOf(labels, last) : 0;
    const nested = labels.length - merged;
    if (!this.fits(nested)) return this.dispatch(s, merged);
    const before = this.proven.mark();
    const tail = this.tail;
    const targets: Target[] = [];
    for (let i = labels.length; --i >= merged;) {
      const target: Target = { name: this.labels.open(), used: false, jump: "break" };
      this.nesting++;
      this.targets.set(labels[i]!, target);
      targets[i] = target;
    }
    const outer = this.text;
    this.text = "";
    const count = this.offsets.length;
    if (merged > 0) this.merged(s, merged, last as SwitchStmt);
    else this.statements(head, this.tailOf(s, 0, tail));
    for (let i = merged; i < labels.length; i++) {
      // Label i ends here: behind it only what held before the chain is known.
      this.proven.reset(before);
      this.nesting--;
      this.labels.close();
      const target = targets[i]!;
      if (target.used) {
        if (this.options.lines) {
          this.offsets.splice(count, 0, 0);
          this.offsets.push(0);
          this.text = `${target.name}:{\n${this.text}}\n`;
        } else this.text = `${target.name}:{${unterminated(this.text)}}`;
      }
      if (i + 1 < parts.length) this.statements(parts[i + 1]!, this.tailOf(s, i + 1, tail));
    }
    this.proven.reset(before);
    this.text = outer + this.text;
  }

  /** Whether so many more blocks may nest. */
  private fits(blocks: number): boolean {
    return blocks <= MAX_CHAIN && this.nesting + blocks <= MAX_NESTING;
  }

  /** The br_table at the head of a chain as a switch, the code behind the first `merged` labels as its cases. */
  private merged(s: BlockStmt, merged: number, sw: SwitchStmt): void {
    const tail = this.tail;
    const head = s.parts[0]!;
    this.statements(head.slice(0, -1), NO_TAIL);
    const value = this.print(sw.e, Need.value, P.comma);
    const before = this.proven.mark();
    // The end of the switch is the end of the last merged label's code.
    const exit = merged < s.parts.length ? this.tailOf(s, merged, tail) : tail;
    this.breakables.push({ name: "", used: false, jump: "break", exit });
    this.nesting++;
    const text = this.captured(
      () => {
        const cases = casesByLabel(sw);
        const own = new Set(s.labels.slice(0, merged));
        for (const [label, list] of cases) {
          if (own.has(label)) continue;
          this.line(caseHeads(list) + this.jump(label), 0);
        }
        for (let i = 0; i < merged; i++) {
          const list = cases.get(s.labels[i]!);
          if (list !== undefined) this.line(caseHeads(list), 0);
          this.proven.reset(before);
          const part = s.parts[i + 1];
          if (part !== undefined) this.statements(part, this.tailOf(s, i + 1, tail));
        }
      },
      firstAt(sw.e),
      `switch(${value})`,
      true,
    );
    this.nesting--;
    this.breakables.pop();
    this.text += text;
  }

  /** Too deep to nest: a loop around a switch; a branch sets the state and goes round. */
  private dispatch(s: BlockStmt, merged: number): void {
    const { labels, parts } = s;
    const before = this.proven.mark();
    const tail = this.tail;
    const variable = this.word();
    this.extraVariables.push(variable);
    const loop = this.labels.open();
    this.nesting += 2;
    const round: Target = { name: loop, used: true, jump: "continue" };
    for (let i = merged; i < labels.length; i++) {
      const state = { variable, value: i - merged + 1 };
      this.targets.set(labels[i]!, { name: loop, used: true, jump: "continue", state });
    }
    // What leaves the chain leaves the loop.
    this.targets.set(labels[labels.length - 1]!, { name: loop, used: true, jump: "break" });
    this.breakables.push(round, { name: "", used: false, jump: "break" });
    this.proven.enterLoop(parts.flat());
    this.line(`${variable}=0;${loop}:for(;;){switch(${variable}){`, 0);
    this.line("case 0:", 0);
    const head = parts[0]!;
    if (merged > 0) this.merged(s, merged, head[head.length - 1] as SwitchStmt);
    else this.statements(head, this.tailOf(s, 0, tail));
    for (let i = merged + 1; i < parts.length; i++) {
      this.proven.reset(before);
      this.line(`case ${i - merged}:`, 0);
      this.statements(parts[i]!, this.tailOf(s, i, tail));
    }
    this.line("}break;}", 0);
    this.breakables.pop();
    this.breakables.pop();
    this.nesting -= 2;
    this.labels.close();
    this.proven.exitLoop();
    this.proven.reset(before);
  }

  private switch_(s: SwitchStmt): void {
    if (isTreeOf(s, this.options.choices)) return this.tree(s);
    const value = this.print(s.e, Need.value, P.comma);
    this.breakables.push({ name: "", used: false, jump: "break" });
    let text = `switch(${value}){`;
    for (const [label, list] of casesByLabel(s)) text += caseHeads(list) + this.jump(label);
    this.breakables.pop();
    this.line(text + "}", firstAt(s.e));
  }

  /** A br_table as comparisons, halving what is left. */
  private tree(s: SwitchStmt): void {
    const first = this.print(s.e, Need.value, P.assign);
    const name = s.e.op === Op.local_get ? this.local(s.e.imm) : this.temp();
    // A variable may be assigned in place of its read.
    const text = s.e.op !== Op.local_get ? `${name}=${first};` : first === name ? "" : `${first};`;
    this.line(text + branchTree(name, rangesOf(s), (label) => this.jump(label)), firstAt(s.e));
  }
}

interface PartUse {
  readonly memory: number;
  readonly part: MemoryPart;
  weight: number;
}

/** How often a function uses each part of a memory that cannot grow while it runs; a use in a loop counts as many. */
function partUses(func: IrFunc, fixed: readonly boolean[]): PartUse[] {
  const uses = new Map<string, PartUse>();
  let grows = false;
  const use = (memory: number, kind: MemoryPart["kind"], bytes: number, weight: number): void => {
    const key = `${memory} ${kind} ${bytes}`;
    const known = uses.get(key);
    if (known === undefined) uses.set(key, { memory, part: { kind, bytes }, weight });
    else known.weight += weight;
  };
  const list = (body: readonly Stmt[], weight: number): void => {
    const visit = (e: Expr): void => {
      if (mayGrow(e.own)) grows = true;
      if (e.op === (Ir.element as number) || e.op === (Ir.missing as number)) {
        const { op, imm2 } = e.args[1]!;
        use(imm2, ACCESS[op as Op]!.array, e.imm2, weight);
      } else if (e.op === (Ir.outside as number)) {
        use(e.args[0]!.imm2, "end", e.imm2, weight);
        return;
      }
      e.args.forEach(visit);
    };
    for (const s of body) {
      forEachRoot(s, visit);
      for (const nested of nestedLists(s)) list(nested, s.kind === K.loop ? weight * 4 : weight);
    }
  };
  list(func.body, 1);
  return [...uses.values()].filter(({ memory }) => !grows || fixed[memory]!);
}

function isWide(type: T): boolean {
  return type === T.l || type === T.w;
}

/** Case numbers by target, "default" included; targets in the order of their first case, the default's last. */
function casesByLabel(s: SwitchStmt): Map<Label, (number | "default")[]> {
  const cases = new Map<Label, (number | "default")[]>();
  s.targets.forEach((label, i) => {
    // What the default catches anyway needs no case.
    if (label === s.otherwise) return;
    const list = cases.get(label);
    if (list === undefined) cases.set(label, [i]);
    else list.push(i);
  });
  cases.set(s.otherwise, ["default"]);
  return cases;
}

function caseHeads(list: readonly (number | "default")[]): string {
  return list.map((c) => (c === "default" ? "default:" : `case ${c}:`)).join("");
}

/** 1 or -1 where variable `v` is assigned itself plus that, without wrapping. */
function stepOf(v: number, e: Expr): number {
  if (e.op !== Op.i32_add || e.imm !== (Exact.value as number)) return 0;
  const [x, c] = e.args as [Expr, Expr];
  if (x.op !== Op.local_get || x.imm !== v || c.op !== Op.i32_const) return 0;
  return Math.abs(c.imm) === 1 ? c.imm : 0;
}

function endsWithJumpTo(body: readonly Stmt[], label: Label): boolean {
  const last = body[body.length - 1];
  return last?.kind === K.br && last.label === label;
}

/** Statements in front of a closing brace, where the last needs no semicolon. */
function unterminated(text: string): string {
  return text.endsWith(";") ? text.slice(0, -1) : text;
}

/** One statement without nested ones, which needs no braces. */
function isSimple(text: string): boolean {
  const semicolon = text.indexOf(";");
  return semicolon === text.length - 1 && text.length > 1 && !/^(if|for|switch|\0)/.test(text);
}

/** Both halves of an i64 stored, where it makes no difference if the low one is evaluated before the high one is stored. */
function isPair(high: Expr, low: Expr): boolean {
  if (high.op !== Op.i32_store || low.op !== Op.i32_store) return false;
  if (high.imm !== low.imm + 4 || high.imm2 !== low.imm2 || high.at !== low.at) return false;
  const [p, q] = [high.args[0]!, low.args[0]!];
  const isSame = p.op === q.op && p.imm === q.imm && (p.op === Op.local_get || p.op === Op.i32_const);
  return isSame && !clash(low.args[1]!.fx, Fx.writeMemory | Fx.trapMemory);
}

/**
 * The read of the assigned variable that the next statement evaluates before anything else, where the assignment can stand
 * in its place without parentheses: `d=E;if(d)` → `if(d=E)`, `d=E;f(d)` → `f(d=E)`. Shorter, and one bytecode less.
 */
function firstRead(next: Stmt, { v, e }: SetStmt): Expr | undefined {
  let root: Expr;
  if (next.kind === K.if) root = next.cond;
  else if (next.kind === K.set || next.kind === K.expr || next.kind === K.switch) root = next.e;
  else return undefined;
  for (;;) {
    switch (root.op as Op | Ir) {
      case Op.local_get:
        return root.imm === v ? root : undefined;
      case Op.i32_eqz:
        if (next.kind !== K.if) return undefined;
        break;
      case Op.call:
      case Ir.helper:
      case Op.global_set:
      case Ir.quotient:
        break;
      case Ir.element:
      case Ir.missing:
        if (mayGrow(e.fx)) return undefined;
        break;
      default:
        // A memory access evaluates its view first, which a call in the address could replace.
        if ((root.own & Fx.trapMemory) === 0 || root.imm !== 0 || !isAccess(root.op) || mayGrow(e.fx)) return undefined;
    }
    const first = root.args[0];
    if (first === undefined) return undefined;
    root = first;
  }
}

/** Offset of the first operation in evaluation order that has one. */
export function firstAt(e: Expr): number {
  for (let i = 0; i < e.args.length; i++) {
    const at = firstAt(e.args[i]!);
    if (at !== 0) return at;
  }
  return e.at;
}
