// Wasm function body → IR, in one pass over the bytes. The operand stack holds expression trees (builder.ts); structured
// control stays structured. Block results and loop parameters become variables that branches assign.
// The body has been validated: nothing is checked here but what has no lowering.
// https://webassembly.github.io/spec/core/binary/instructions.html
import { ALL_FEATURES, FeatureGate } from "../../runtime/wasm/features.js";
import { EMPTY_BLOCK, TypeReader, blockTypeOf } from "../../runtime/wasm/type-reader.js";
import { Op, isPrefix, opInfo, opMnemonic, opcodeOf } from "../../runtime/wasm/opcodes.js";
import { type DecodedModule, funcTypeAt, typeOfFunc } from "../../runtime/wasm/module.js";
import type { ValType } from "../../runtime/wasm/types.js";
import { TrapCode } from "../../runtime/trap-code.js";
import {
  type Expr,
  type ExprStmt,
  Fx,
  Ir,
  type IrFunc,
  K,
  type Label,
  type Stmt,
  T,
  expr,
  isDroppable,
  mayGrow,
  blockStmt,
  brStmt,
  exprStmt,
  ifStmt,
  loopStmt,
  returnStmt,
  setStmt,
  switchStmt,
  leaf,
} from "../ir/ir.js";
import { unsupported } from "../errors.js";
import * as m from "../ir/make.js";
import { Builder, isConstant, isRepeatable } from "./builder.js";
import { divideByPower } from "./divide.js";
import { effectsOfAll } from "../ir/walk.js";
import type { Inliner } from "./inline.js";
import { type AccessRow, accessRow, pureRow, typeOf } from "./ops.js";
import { readMemarg, skipImmediates } from "./immediates.js";

interface Frame {
  readonly op: Op.block | Op.loop | Op.if;
  readonly label: Label;
  /** Variables that a branch to the label assigns (results of a block, parameters of a loop). */
  readonly targets: readonly number[];
  /** Variables that hold the results after `end`; the same as `targets` unless this is a loop. */
  readonly results: readonly number[];
  readonly paramTypes: readonly ValType[];
  /** Operands of an if, for the else arm, which starts from the same values. */
  readonly params: readonly Expr[];
  /** Height of the operand stack below the parameters. */
  readonly height: number;
  /** Where the statement goes once complete. */
  readonly outer: Stmt[];
  readonly cond: Expr | undefined;
  then: Stmt[] | undefined;
}

const NO_OPERANDS: readonly Expr[] = [];
const NO_VARS: readonly number[] = [];
const NO_RESULTS = { params: [], results: [] };

/** Validation has already asked which features are on. */
const GATE = new FeatureGate(ALL_FEATURES);

/** Lowers the `defined`-th defined function of a validated module; `inliner` decides which calls become bodies. */
export function lowerFunction(module: DecodedModule, defined: number, inliner?: Inliner): IrFunc {
  return new Lowering(module, defined, inliner).run();
}

/** Where the body of an inlined function is put. */
interface Inlined {
  readonly func: IrFunc;
  readonly b: Builder;
  readonly within: readonly number[];
  /** The callee's first local among the variables. */
  readonly locals: number;
}

class Lowering {
  private readonly reader: TypeReader;
  private readonly func: IrFunc;
  private readonly b: Builder;
  private readonly frames: Frame[] = [];
  private reachable = true;

  private readonly module: DecodedModule;
  private readonly defined: number;
  private readonly inliner: Inliner | undefined;
  private readonly inlined: Inlined | undefined;
  /** Functions whose bodies this is in, this one last. */
  private readonly within: readonly number[];

  constructor(module: DecodedModule, defined: number, inliner?: Inliner, inlined?: Inlined) {
    this.module = module;
    this.defined = defined;
    this.inliner = inliner;
    this.inlined = inlined;
    const index = module.imported.func + defined;
    this.within = [...(inlined?.within ?? []), index];
    const body = module.code[defined]!;
    this.reader = new TypeReader(module.bytes, body.start, body.end, GATE);
    if (inlined !== undefined) {
      this.func = inlined.func;
      this.b = inlined.b;
      return;
    }
    const type = typeOfFunc(module, index);
    const vars: T[] = type.params.map((t) => this.scalar(t));
    const params = vars.map((_, i) => i);
    const size = body.end - body.at;
    this.func = { index, type, size, params, vars, zeroed: [], body: [], tailCalls: false, pieces: [], piece: 0 };
    for (const t of this.localTypes()) this.func.zeroed.push(vars.push(t) - 1);
    this.b = new Builder(vars);
    inliner?.begin(size);
  }

  /** Types of the declared locals, one after the other. */
  private *localTypes(): Iterable<T> {
    for (const run of this.module.code[this.defined]!.localRuns) {
      const t = this.scalar(run.type);
      for (let i = 0; i < run.count; i++) yield t;
    }
  }

  /** The number of a local's variable. */
  private local(index: number): number {
    return (this.inlined?.locals ?? 0) + index;
  }

  run(): IrFunc {
    const { reader, b } = this;
    this.enter(Op.block, [], typeOfFunc(this.module, this.within[this.within.length - 1]!).results);
    while (this.frames.length > 0) {
      const at = reader.pos;
      const byte = reader.byte();
      const op: Op = isPrefix(byte) ? opcodeOf(byte, reader.u32()) : byte;
      if (this.reachable) this.instruction(op, at);
      else this.skip(op);
    }
    this.func.body = b.code;
    return this.func;
  }

  private scalar(type: ValType): T {
    const t = typeOf(type);
    if (t === undefined) throw unsupported("a v128 value", "simd", this.where());
    return t;
  }

  private where(): string {
    const index = this.module.imported.func + this.defined;
    const name = this.module.funcNames.get(index);
    return name === undefined ? `function ${index}` : `function ${index} "${name}"`;
  }

  /** Unreachable code: only nesting matters. */
  private skip(op: Op): void {
    switch (op) {
      case Op.block:
      case Op.loop:
      case Op.if:
        skipImmediates(this.reader, op);
        this.skipped++;
        return;
      case Op.else:
        if (this.skipped === 0) this.else_();
        return;
      case Op.end:
        if (this.skipped === 0) this.end();
        else this.skipped--;
        return;
      default:
        skipImmediates(this.reader, op);
    }
  }
  private skipped = 0;

  private instruction(op: Op, at: number): void {
    const { b, reader } = this;
    if (op === Op.i32_rotl || op === Op.i32_rotr) return this.rotate(op);
    const row = pureRow(op);
    if (row !== undefined) {
      if (row.traps && divideByPower(op, b)) return;
      const args = b.popMany(row.arity);
      b.push(expr(op, row.result, args, 0, 0, row.traps ? Fx.trapOther : 0, row.traps ? at : 0));
      return;
    }
    const access = accessRow(op);
    if (access !== undefined) return this.memoryAccess(op, access, at);
    switch (op) {
      case Op.nop:
        return;
      case Op.unreachable:
        b.beforeControl(Fx.trapOther, false);
        b.effect(leaf(Ir.trap, T.none, TrapCode.unreachable, 0, Fx.trapOther, at));
        return this.stop();
      case Op.block:
      case Op.loop:
      case Op.if: {
        const { params, results } = this.blockType();
        return this.enter(op, params, results);
      }
      case Op.else:
        return this.else_();
      case Op.end:
        return this.end();
      case Op.br:
        this.branch(this.frame(reader.u32()));
        return this.stop();
      case Op.br_if:
        return this.branchIf(this.frame(reader.u32()));
      case Op.br_table:
        return this.branchTable();
      case Op.return:
        this.return_();
        return this.stop();

      case Op.call:
        return this.call(reader.u32(), at);
      case Op.call_indirect: {
        const typeIndex = reader.u32();
        return this.callIndirect(typeIndex, reader.u32(), at);
      }
      case Op.return_call:
      case Op.return_call_indirect:
        return this.tailCall(op, at);

      case Op.drop:
        return b.drop(b.pop());
      case Op.select_t:
        skipImmediates(reader, op);
        return this.select();
      case Op.select:
        return this.select();

      case Op.local_get:
        return b.push(b.get(this.local(reader.u32())));
      case Op.local_set:
        return b.set(this.local(reader.u32()), b.pop());
      case Op.local_tee: {
        const v = this.local(reader.u32());
        b.set(v, b.pop());
        return b.push(b.get(v));
      }
      case Op.global_get: {
        const i = reader.u32();
        const constant = this.constantGlobal(i);
        if (constant !== undefined) return b.push(constant);
        const fx = this.module.globals[i]!.type.mutable ? Fx.readGlobal : 0;
        return b.push(leaf(op, this.scalar(this.module.globals[i]!.type.type), i, 0, fx));
      }
      case Op.global_set:
        return b.effect(expr(op, T.none, [b.pop()], reader.u32(), 0, Fx.writeGlobal));

      case Op.i32_const:
        return b.push(leaf(op, T.i, reader.s32()));
      case Op.i64_const: {
        const low = reader.s64();
        return b.push(leaf(op, T.l, low, reader.high));
      }
      case Op.f32_const:
        return b.push(leaf(op, T.f, reader.f32bits()));
      case Op.f64_const: {
        const low = reader.f64bits();
        return b.push(leaf(op, T.d, low, reader.high));
      }

      case Op.memory_size:
        return b.push(leaf(op, T.i, reader.u32(), 0, Fx.readMemory));
      case Op.memory_grow:
        return b.push(expr(op, T.i, b.popMany(1), reader.u32(), 0, Fx.call, at));
      case Op.memory_init: {
        const segment = reader.u32();
        return this.bulk(op, 3, segment, reader.u32(), Fx.writeMemory | Fx.trapMemory, at);
      }
      case Op.data_drop:
        return this.bulk(op, 0, reader.u32(), 0, Fx.writeMemory, at);
      case Op.memory_copy: {
        const to = reader.u32();
        return this.bulk(op, 3, to, reader.u32(), Fx.readMemory | Fx.writeMemory | Fx.trapMemory, at);
      }
      case Op.memory_fill:
        return this.bulk(op, 3, reader.u32(), 0, Fx.writeMemory | Fx.trapMemory, at);

      case Op.table_get: {
        const t = reader.u32();
        return b.push(expr(op, T.r, b.popMany(1), t, 0, Fx.readTable | Fx.trapOther, at));
      }
      case Op.table_set:
        return this.bulk(op, 2, reader.u32(), 0, Fx.writeTable | Fx.trapOther, at);
      case Op.table_size:
        return b.push(leaf(op, T.i, reader.u32(), 0, Fx.readTable));
      case Op.table_grow:
        return b.push(expr(op, T.i, b.popMany(2), reader.u32(), 0, Fx.call, at));
      case Op.table_fill:
        return this.bulk(op, 3, reader.u32(), 0, Fx.writeTable | Fx.trapOther, at);
      case Op.table_copy: {
        const to = reader.u32();
        return this.bulk(op, 3, to, reader.u32(), Fx.writeTable | Fx.readTable | Fx.trapOther, at);
      }
      case Op.table_init: {
        const segment = reader.u32();
        return this.bulk(op, 3, segment, reader.u32(), Fx.writeTable | Fx.trapOther, at);
      }
      case Op.elem_drop:
        return this.bulk(op, 0, reader.u32(), 0, Fx.writeTable, at);

      case Op.ref_null:
        reader.s33();
        return b.push(expr(op, T.r));
      case Op.ref_is_null:
        return b.push(expr(op, T.i, b.popMany(1)));
      case Op.ref_func:
        return b.push(leaf(op, T.r, reader.u32()));
    }
    const feature = opInfo(op)?.feature;
    throw unsupported(
      opMnemonic(op),
      feature === undefined ? "a newer WebAssembly" : typeof feature === "string" ? feature : feature.join(" or "),
      this.where(),
      at,
    );
  }

  /** An immutable global with a literal value is that literal. */
  private constantGlobal(i: number): Expr | undefined {
    if (i < this.module.imported.global) return undefined;
    const { type, init } = this.module.globals[i]!;
    if (type.mutable) return undefined;
    switch (init[0]) {
      case Op.i32_const:
      case Op.f32_const:
        return init.length === 2 ? leaf(init[0], init[0] === Op.i32_const ? T.i : T.f, init[1]) : undefined;
      case Op.i64_const:
      case Op.f64_const:
        return init.length === 3 ? leaf(init[0], init[0] === Op.i64_const ? T.l : T.d, init[1], init[2]) : undefined;
      default:
        return undefined;
    }
  }

  // ---- control ----

  private blockType(): { params: readonly ValType[]; results: readonly ValType[] } {
    const type = this.reader.blockType();
    if (type === EMPTY_BLOCK) return NO_RESULTS;
    return type < EMPTY_BLOCK ? funcTypeAt(this.module, blockTypeOf(type)) : { params: [], results: [type] };
  }

  private enter(op: Op.block | Op.loop | Op.if, params: readonly ValType[], results: readonly ValType[]): void {
    const { b } = this;
    let cond: Expr | undefined;
    if (op === Op.if) {
      cond = b.pop();
      // The condition is evaluated after whatever is pending.
      b.beforeControl(cond.fx, true);
    } else b.beforeControl(0, true);
    const operands = params.length === 0 ? NO_OPERANDS : b.stack.slice(b.stack.length - params.length);
    const height = b.stack.length - params.length;
    const resultVars = this.newTemps(results);
    let targets = resultVars;
    if (op === Op.loop) {
      targets = this.newTemps(params);
      const values = b.popMany(params.length);
      for (let i = 0; i < values.length; i++) b.set(targets[i]!, values[i]!);
    }
    this.frames.push({
      op,
      label: { loop: op === Op.loop, uses: 0 },
      targets,
      results: resultVars,
      paramTypes: params,
      params: operands,
      height,
      outer: b.open(),
      cond,
      then: undefined,
    });
    if (op === Op.loop) for (const v of targets) b.push(b.get(v));
  }

  private newTemps(types: readonly ValType[]): readonly number[] {
    return types.length === 0 ? NO_VARS : types.map((t) => this.b.newTemp(this.scalar(t)));
  }

  private else_(): void {
    const { b } = this;
    const frame = this.frames[this.frames.length - 1]!;
    if (this.reachable) this.fallThrough(frame);
    frame.then = b.close(frame.outer);
    b.open();
    b.truncate(frame.height);
    for (const e of frame.params) b.push(e);
    this.reachable = true;
  }

  private end(): void {
    const { b } = this;
    const frame = this.frames.pop()!;
    if (this.frames.length === 0 && this.inlined === undefined) return this.endOfFunction(frame);
    let fallsThrough = this.reachable;
    if (this.reachable) this.fallThrough(frame);
    let body = b.close(frame.outer);
    b.truncate(frame.height);
    const { label } = frame;
    if (frame.op === Op.if) {
      let otherwise: Stmt[] = [];
      if (frame.then === undefined) {
        // No else: its arm hands the parameters on.
        frame.params.forEach((e, i) => otherwise.push(setStmt(frame.results[i]!, e)));
        frame.then = body;
        fallsThrough = true;
      } else {
        otherwise = body;
        fallsThrough ||= !endsAbruptly(frame.then);
      }
      body = [ifStmt(frame.cond!, frame.then, otherwise)];
      if (label.uses === 0) {
        b.code.push(body[0]!);
        return this.afterBlock(frame, fallsThrough);
      }
      // A branch out of an if is a branch out of a block around it.
    }
    if (frame.op === Op.loop) {
      if (label.uses === 0) for (const s of body) b.code.push(s);
      else b.code.push(loopStmt(label, body));
    } else if (label.uses === 0) for (const s of body) b.code.push(s);
    else {
      b.code.push(chain(label, body));
      fallsThrough = true;
    }
    this.afterBlock(frame, fallsThrough);
  }

  private afterBlock(frame: Frame, reachable: boolean): void {
    this.reachable = reachable;
    if (reachable) for (const v of frame.results) this.b.push(this.b.get(v));
  }

  /** The function's own block: falling off its end returns, and so does a branch to it. */
  private endOfFunction(frame: Frame): void {
    const { b } = this;
    if (this.reachable) this.return_();
    b.code = [...frame.outer, ...b.code];
  }

  private fallThrough(frame: Frame): void {
    const { b } = this;
    const values = b.popMany(frame.results.length);
    b.beforeControl(0, false);
    this.assign(frame.results, values);
  }

  private frame(depth: number): Frame {
    return this.frames[this.frames.length - 1 - depth]!;
  }

  /** A branch to it returns; from an inlined function, it leaves a block. */
  private isFunctionFrame(frame: Frame): boolean {
    return this.inlined === undefined && frame === this.frames[0];
  }

  /** Ends reachable code within the current frame. */
  private stop(): void {
    this.reachable = false;
    this.b.truncate(this.frames[this.frames.length - 1]!.height);
  }

  private branch(frame: Frame): void {
    const { b } = this;
    if (this.isFunctionFrame(frame)) return this.return_();
    const values = b.popMany(frame.targets.length);
    b.beforeControl(effectsOfAll(values), false);
    this.assign(frame.targets, values);
    b.code.push(jump(frame.label));
  }

  private branchIf(frame: Frame): void {
    const { b } = this;
    const cond = b.pop();
    if (frame.targets.length === 0) {
      b.beforeControl(cond.fx, false);
      const then: Stmt[] = this.isFunctionFrame(frame) ? [returnStmt([])] : [jump(frame.label)];
      b.code.push(ifStmt(cond, then, []));
    } else this.branchWithValues(frame, cond);
  }

  private branchWithValues(frame: Frame, cond: Expr): void {
    const { b } = this;
    // The values stay on the stack if the branch is not taken: name them, in front of the condition.
    const values = b.popMany(frame.targets.length);
    b.beforeControl(cond.fx | effectsOfAll(values), false);
    const named = values.map((e) => b.store(e));
    const outer = b.open();
    if (this.isFunctionFrame(frame)) b.code.push(returnStmt(named));
    else {
      this.assign(frame.targets, named);
      b.code.push(jump(frame.label));
    }
    const then = b.close(outer);
    outer.push(ifStmt(cond, then, []));
    for (const e of named) b.push(e);
  }

  private branchTable(): void {
    const { b, reader } = this;
    const frames: Frame[] = [];
    for (let n = reader.u32(); n > 0; n--) frames.push(this.frame(reader.u32()));
    const otherwise = this.frame(reader.u32());
    const index = b.pop();
    const arity = otherwise.targets.length;
    const values = b.popMany(arity);
    b.beforeControl(index.fx | effectsOfAll(values), false);
    // The function's own label, and values, need code at the branch: give those targets blocks of their own around the
    // switch, each followed by its assignments.
    const labels = new Map<Frame, Label>();
    const own: { label: Label; frame: Frame }[] = [];
    const labelOf = (frame: Frame): Label => {
      let label = labels.get(frame);
      if (label === undefined) {
        label = frame.label;
        if (arity > 0 || this.isFunctionFrame(frame)) {
          label = { loop: false, uses: 0 };
          own.push({ label, frame });
        }
        labels.set(frame, label);
      }
      label.uses++;
      return label;
    };
    const named = values.map((e) => b.store(e));
    const sw: Stmt = switchStmt(index, frames.map(labelOf), labelOf(otherwise));
    const outer = b.code;
    let body: Stmt[] = [sw];
    for (const { label, frame } of own) {
      b.code = [chain(label, body)];
      if (this.isFunctionFrame(frame)) b.code.push(returnStmt(named));
      else {
        this.assign(frame.targets, named);
        b.code.push(jump(frame.label));
      }
      body = b.code;
    }
    b.code = outer;
    for (const s of body) b.code.push(s);
    this.stop();
  }

  private return_(): void {
    const { b } = this;
    if (this.inlined !== undefined) return this.branch(this.frames[0]!);
    const args = b.popMany(this.func.type.results.length);
    b.beforeControl(effectsOfAll(args), false);
    b.code.push(returnStmt(args));
  }

  /** Assigns all at once: a value may read a variable that is assigned before it. */
  private assign(vars: readonly number[], values: Expr[]): void {
    const { b } = this;
    if (values.length > 1) values = values.map((e) => (isConstant(e) ? e : b.copy(e)));
    values.forEach((e, i) => {
      if (e.op !== Op.local_get || e.imm !== vars[i]) b.code.push(setStmt(vars[i]!, e));
    });
  }

  // ---- everything else ----

  private memoryAccess(op: Op, { result, isStore, width }: AccessRow, at: number): void {
    const { b, reader, module } = this;
    const { align, memory, offset } = readMemarg(reader);
    if (module.memories[memory]!.address64) throw unsupported(opMnemonic(op), "memory64", this.where(), at);
    const fx = Fx.trapMemory | (align < width ? Fx.unaligned : 0);
    this.settleCalls(isStore ? 2 : 1);
    if (isStore) {
      const args = b.popMany(2);
      return b.effect(expr(op, T.none, args, offset, memory, Fx.writeMemory | fx, at));
    }
    if (result === undefined) throw unsupported(opMnemonic(op), "simd", this.where(), at);
    b.push(expr(op, result, b.popMany(1), offset, memory, Fx.readMemory | fx, at));
  }

  /** Shift counts are taken modulo 32, so a rotation is two shifts even by 0: `x << n | x >>> -n`. */
  private rotate(op: Op.i32_rotl | Op.i32_rotr): void {
    const { b } = this;
    b.makeRepeatable(2, 0b11);
    const [x, n] = b.popMany(2) as [Expr, Expr];
    const back = m.sub(m.i32(0), n);
    const [left, right] = op === Op.i32_rotl ? [n, back] : [back, n];
    b.push(m.or(m.binary(Op.i32_shl, x, left), m.binary(Op.i32_shr_u, x, right)));
  }

  /** Names operands of a memory access that may grow the memory. */
  private settleCalls(operands: number): void {
    const { stack } = this.b;
    let mask = 0;
    for (let i = 0; i < operands; i++) if (mayGrow(stack[stack.length - operands + i]!.fx)) mask |= 1 << i;
    if (mask !== 0) this.b.makeRepeatable(operands, mask);
  }

  private bulk(op: Op, operands: number, imm: number, imm2: number, fx: number, at: number): void {
    this.b.effect(expr(op, T.none, this.b.popMany(operands), imm, imm2, fx, at));
  }

  private select(): void {
    const { b } = this;
    const [x, y, cond] = b.popMany(3) as [Expr, Expr, Expr];
    // Printed as a conditional, which evaluates the condition first and one arm only.
    const movable = (e: Expr): boolean => isDroppable(e.fx) && ((e.fx & ~Fx.readLocal) === 0 || isDroppable(cond.fx));
    if (movable(x) && movable(y)) return b.push(expr(Op.select, x.type, [cond, x, y]));
    b.push(x);
    b.push(y);
    b.push(cond);
    b.beforeControl(0, true);
    const [sx, sy, sc] = b.popMany(3) as [Expr, Expr, Expr];
    b.push(expr(Op.select, x.type, [sc, sx, sy]));
  }

  /** A block with the callee's body, its locals variables of this function. */
  private inline(index: number, inliner: Inliner): void {
    const { b, module, func } = this;
    const { params } = typeOfFunc(module, index);
    // As on entry of a block: what is pending happens before it.
    b.beforeControl(0, true);
    const args = b.popMany(params.length);
    const locals = b.vars.length;
    const callee = new Lowering(module, index - module.imported.func, inliner, {
      func,
      b,
      within: this.within,
      locals,
    });
    const types = [...callee.localTypes()];
    for (const t of params) b.vars.push(this.scalar(t));
    args.forEach((e, i) => b.code.push(setStmt(locals + i, e)));
    for (const t of types) b.code.push(setStmt(b.vars.push(t) - 1, zero(t)));
    callee.run();
    if (!callee.reachable) this.stop();
  }

  private call(index: number, at: number): void {
    if (this.inliner?.inlines(index, this.within) === true) return this.inline(index, this.inliner);
    const type = typeOfFunc(this.module, index);
    const args = this.b.popMany(type.params.length);
    this.callResult(expr(Op.call, this.resultType(type.results), args, index, 0, Fx.call, at), type.results);
  }

  private callIndirect(typeIndex: number, table: number, at: number): void {
    const type = funcTypeAt(this.module, typeIndex);
    if (this.module.tables[table]!.type.address64) throw unsupported("call_indirect", "memory64", this.where(), at);
    const args = this.indirectArgs(type.params.length);
    this.callResult(
      expr(Op.call_indirect, this.resultType(type.results), args, typeIndex, table, Fx.call, at),
      type.results,
    );
  }

  /** Operands with the table index first: JavaScript evaluates the callee, and with it the index, before the arguments. */
  private indirectArgs(n: number): Expr[] {
    const { b } = this;
    let index = b.pop();
    if (!isRepeatable(index)) index = b.store(index);
    // What is pending may not be overtaken by reading the index and the table.
    b.before(index.fx | Fx.readTable, -1);
    const args = b.popMany(n);
    return [index, ...args];
  }

  private resultType(results: readonly ValType[]): T {
    return results.length === 0 ? T.none : this.scalar(results[0]!);
  }

  /** One result stays pending; of several, the further ones are fetched from their slots at once. */
  private callResult(call: Expr, results: readonly ValType[]): void {
    const { b } = this;
    if (results.length === 0) return b.effect(call);
    if (results.length === 1) return b.push(call);
    const vars = results.map((t) => b.newTemp(this.scalar(t)));
    b.set(vars[0]!, call);
    for (let i = 1, scalar = call.type === T.l ? 2 : 1; i < vars.length; i++) {
      const t = b.vars[vars[i]!]!;
      b.code.push(setStmt(vars[i]!, leaf(Ir.slot, t, scalar, 0, Fx.readSlot)));
      scalar += t === T.l ? 2 : 1;
    }
    for (const v of vars) b.push(b.get(v));
  }

  private tailCall(op: Op.return_call | Op.return_call_indirect, at: number): void {
    const { b, reader, module } = this;
    this.func.tailCalls = true;
    if (op === Op.return_call) {
      const index = reader.u32();
      const args = b.popMany(typeOfFunc(module, index).params.length);
      b.beforeControl(Fx.call, false);
      b.code.push(exprStmt(expr(Ir.return_call, T.none, args, index, 0, Fx.call, at)));
    } else {
      const typeIndex = reader.u32();
      const table = reader.u32();
      const args = this.indirectArgs(funcTypeAt(module, typeIndex).params.length);
      b.beforeControl(Fx.call, false);
      b.code.push(exprStmt(expr(Ir.return_call_indirect, T.none, args, typeIndex, table, Fx.call, at)));
    }
    this.stop();
  }
}

/** What a local starts with. */
function zero(type: T): Expr {
  switch (type) {
    case T.l:
      return expr(Op.i64_const, type);
    case T.f:
      return expr(Op.f32_const, type);
    case T.d:
      return expr(Op.f64_const, type);
    case T.r:
      return expr(Op.ref_null, type);
    default:
      return m.i32(0);
  }
}

/** A block; where it begins with another block, the two become one chain. */
function chain(label: Label, body: Stmt[]): Stmt {
  const first = body[0];
  if (first === undefined || first.kind !== K.block) return blockStmt([label], [body]);
  first.labels.push(label);
  first.parts.push(body.slice(1));
  return first;
}

function jump(label: Label): Stmt {
  label.uses++;
  return brStmt(label);
}

/** True where control does not go on behind an expression statement. */
export function isAbrupt({ e }: ExprStmt): boolean {
  return e.op === Ir.trap || e.op === Ir.return_call || e.op === Ir.return_call_indirect;
}

/** True where control cannot reach the end of a statement list. */
export function endsAbruptly(body: readonly Stmt[]): boolean {
  // FAST: index -1 would be looked up by name.
  if (body.length === 0) return false;
  const last = body[body.length - 1]!;
  switch (last.kind) {
    case K.br:
    case K.return:
    case K.switch:
      return true;
    case K.expr:
      return isAbrupt(last);
    case K.if:
      return last.else.length > 0 && endsAbruptly(last.then) && endsAbruptly(last.else);
    default:
      return false;
  }
}
