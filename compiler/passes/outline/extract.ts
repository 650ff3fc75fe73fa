// Makes a region a piece: a function of its own, called where the region stood.
//
//   piece:   the region's statements in a chain of blocks, one for each label outside that they branch to; behind each block
//            the variables needed there are left for the caller, and a number that tells which exit it is returned.
//   caller:  calls the piece with the variables it reads, takes back what it left, and goes where the number says.
//
// Of a single exit there is no need to tell, and its first variable is returned. What else goes back is left in fields of an
// object (Ir.out_set): nothing runs between the piece's last statements and the caller's reads, so recursion cannot disturb it.
import {
  type Expr,
  Fx,
  Ir,
  type IrFunc,
  K,
  type Label,
  type ReturnStmt,
  type Stmt,
  T,
  expr,
  blockStmt,
  brStmt,
  exprStmt,
  ifStmt,
  returnStmt,
  setStmt,
  switchStmt,
  leaf,
} from "../../ir/ir.js";
import { i32 } from "../../ir/make.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import type { Crossing, Exit, Region } from "./crossing.js";

/**
 * `code`: the variable that holds the number of an exit on its way. One serves all calls, each of which reads it at once:
 * every variable makes the interpreter's frames larger, and with them recursion less deep.
 */
export function extract(func: IrFunc, region: Region, crossing: Crossing, code: number): void {
  new Extraction(func, region, crossing, code).run();
}

class Extraction {
  /** The piece's labels, by the label outside that each stands for. */
  private readonly inner = new Map<Label, Label>();
  /** Stands for returning from the function. */
  private readonly returning: Label = { loop: false, uses: 0 };
  /** Holds the function's first result on the way to its caller. */
  private result = -1;
  /** Number of each variable among those left in fields. */
  private readonly slots = new Map<number, number>();
  private readonly number: number;

  private readonly func: IrFunc;
  private readonly region: Region;
  private readonly crossing: Crossing;
  private readonly code: number;

  constructor(func: IrFunc, region: Region, crossing: Crossing, code: number) {
    this.func = func;
    this.region = region;
    this.crossing = crossing;
    this.code = code;
    this.number = func.pieces.length + 1;
  }

  run(): void {
    const { func, region, crossing } = this;
    const { list, from, to } = region;
    const { exits, ins } = crossing;
    for (const exit of exits) if (typeof exit.to === "object") this.inner.set(exit.to, { loop: false, uses: 0 });
    const statements = this.retargeted(list.slice(from, to));
    const outs = [...crossing.outs];
    if (this.isHandedBack()) outs.push(this.result);
    const single = exits.length === 1;
    this.assignSlots(single ? outs.slice(1) : outs);
    const body = this.pieceBody(statements);
    func.pieces.push({
      ...func,
      params: [...ins],
      zeroed: [],
      body,
      tailCalls: false,
      piece: this.number,
    });
    list.splice(from, to - from, ...(single ? this.callOfOne(outs) : this.callOfMany(outs)));
  }

  private assignSlots(outs: readonly number[]): void {
    const { vars } = this.func;
    const counts = new Map<T, number>();
    for (const v of outs) {
      const type = vars[v] === T.f ? T.d : vars[v]!;
      const k = counts.get(type) ?? 0;
      counts.set(type, k + 1);
      this.slots.set(v, k);
    }
  }

  // ---- the piece ----

  private pieceBody(statements: Stmt[]): Stmt[] {
    const { exits } = this.crossing;
    if (this.onlyReturns()) return statements;
    const falls = exits[0]?.to === "next";
    if (falls) statements.push(...this.leave(exits[0]!, 0));
    const others = falls ? exits.slice(1) : exits;
    if (others.length === 0) return statements;
    const labels = others.map(({ to }) => (typeof to === "object" ? this.inner.get(to)! : this.returning));
    const behind = others.map((exit, i) => this.leave(exit, falls ? i + 1 : i));
    const last = behind.pop()!;
    return [blockStmt(labels, [statements, ...behind]), ...last];
  }

  /** Hands out what is needed at an exit, and returns its number. */
  private leave(exit: Exit, code: number): Stmt[] {
    const outs = exit.to !== "return" ? exit.outs : this.isHandedBack() ? [this.result] : [];
    const left: Stmt[] = [];
    for (const v of outs) {
      const k = this.slots.get(v);
      if (k === undefined) continue;
      left.push(exprStmt(expr(Ir.out_set, T.none, [this.get(v)], k, 0, Fx.writeSlot)));
    }
    if (this.crossing.exits.length > 1) left.push(returnStmt([i32(code)]));
    else left.push(returnStmt(outs.length > 0 ? [this.get(outs[0]!)] : []));
    return left;
  }

  /** Statements with branches to labels outside, and returns, going to the piece's own labels. */
  private retargeted(body: readonly Stmt[]): Stmt[] {
    return body.flatMap((s): Stmt | Stmt[] => {
      switch (s.kind) {
        case K.br:
          return brStmt(this.target(s.label));
        case K.switch:
          return switchStmt(
            s.e,
            s.targets.map((label) => this.target(label)),
            this.target(s.otherwise),
          );
        case K.return:
          return this.return_(s);
        case K.if:
          s.then = this.retargeted(s.then);
          s.else = this.retargeted(s.else);
          return s;
        case K.loop:
          s.body = this.retargeted(s.body);
          return s;
        case K.block:
          return blockStmt(
            s.labels,
            s.parts.map((part) => this.retargeted(part)),
          );
        default:
          return s;
      }
    });
  }

  private target(label: Label): Label {
    const own = this.inner.get(label);
    if (own === undefined) return label;
    label.uses--;
    own.uses++;
    return own;
  }

  /** Returning is all that the piece ends with: it does so as the function would. */
  private onlyReturns(): boolean {
    const { exits } = this.crossing;
    return exits.length === 1 && exits[0]!.to === "return" && (this.result < 0 || this.isHandedBack());
  }

  /** The function's first result goes from the piece to its caller, unless it lies in a cell, which both see. */
  private isHandedBack(): boolean {
    return this.result >= 0 && this.func.vars[this.result] !== T.w;
  }

  /** The further results go where the function's caller expects them, the first by way of the piece's caller. */
  private return_(s: ReturnStmt): Stmt[] {
    const { args } = s;
    const out: Stmt[] = [];
    if (args.length > 0 && this.result < 0) {
      const { type } = args[0]!;
      this.result = this.func.vars.push(type === T.l ? T.w : type) - 1;
    }
    if (this.onlyReturns()) return [s];
    for (let k = 1; k < args.length; k++) {
      const e = args[k]!;
      out.push(exprStmt(expr(Ir.slot_set, T.none, [e], k, e.type, Fx.writeSlot)));
    }
    const [first] = args;
    if (first !== undefined) out.push(setStmt(this.result, first));
    this.returning.uses++;
    out.push(brStmt(this.returning));
    return out;
  }

  // ---- the caller ----

  private call(type: T): Expr {
    const args = this.crossing.ins.map((v) => this.get(v));
    return expr(Ir.piece, type, args, this.number, this.func.index, Fx.call);
  }

  private get(v: number): Expr {
    const type = this.func.vars[v]!;
    return leaf(Op.local_get, type === T.w ? T.l : type, v, 0, Fx.readLocal);
  }

  private take(v: number): Stmt {
    const type = this.func.vars[v]!;
    return setStmt(v, leaf(Ir.out_get, type, this.slots.get(v)!, 0, Fx.readSlot));
  }

  private callOfOne([first, ...rest]: readonly number[]): Stmt[] {
    const { vars } = this.func;
    const call: Stmt = first === undefined ? exprStmt(this.call(T.none)) : setStmt(first, this.call(vars[first]!));
    return [call, ...rest.map((v) => this.take(v)), ...this.goTo(this.crossing.exits[0]!)];
  }

  private callOfMany(outs: readonly number[]): Stmt[] {
    const { code } = this;
    const call: Stmt = setStmt(code, this.call(T.i));
    return [call, ...outs.map((v) => this.take(v)), ...this.dispatch(this.get(code))];
  }

  private goTo({ to }: Exit): Stmt[] {
    if (to === "next") return [];
    if (to === "return") return [returnStmt(this.result < 0 ? [] : [this.get(this.result)])];
    to.uses++;
    return [brStmt(to)];
  }

  /** Goes where the exit's number says; falls through for the exit that does. */
  private dispatch(code: Expr): Stmt[] {
    const { exits } = this.crossing;
    if (exits.length === 2) {
      const branch: Stmt = ifStmt(code, this.goTo(exits[1]!), []);
      return [branch, ...this.goTo(exits[0]!)];
    }
    const out: Stmt[] = [];
    const last = exits.length - 1;
    if (exits[last]!.to === "return") {
      const cond = expr(Op.i32_eq, T.i, [code, i32(last)]);
      out.push(ifStmt(cond, this.goTo(exits[last]!), []));
    }
    const jump = this.jump(code);
    if (exits[0]!.to === "next") out.push(ifStmt(code, [jump], []));
    else out.push(jump);
    return out;
  }

  /** Branches to the label whose exit's number `code` is. */
  private jump(code: Expr): Stmt {
    const labels = this.crossing.exits.map(({ to }) => (typeof to === "object" ? to : undefined));
    const [first, ...others] = labels.filter((label) => label !== undefined);
    first!.uses++;
    if (others.length === 0) return brStmt(first!);
    const targets = labels.map((label) => label ?? first!);
    for (const label of targets) label.uses++;
    return switchStmt(code, targets, first!);
  }
}
