// How many bytes of V8's bytecode a statement becomes, roughly: engines limit what they optimize by that, and it is known
// only after printing and parsing. The weights are fitted to the functions of sql.js, QuickJS, gofmt and hash-wasm that
// have more than 3,000 bytes (Node 24, --print-bytecode); nine of ten lie within 0.9 and 1.15 of the estimate.
import { type Expr, Fx, Ir, type IrFunc, K, type Stmt } from "../../ir/ir.js";
import { forEachList, forEachRoot, forEachStmt } from "../../ir/walk.js";
import { ALL_OPS, Op, opInfo } from "../../../runtime/wasm/opcodes.js";

/** A variable or constant loaded into the accumulator, or the store of one. */
const LEAF = 3;
const OPERATOR = 7;
/** A method of the memory's view, or a field of a state object: property load, call, registers for receiver and operands. */
const ACCESS = 13;
/** A static offset, most often with `>>> 0` on the address. */
const OFFSET = 15;
const CALL = 12;
const INDIRECT = 20;
const BRANCH = 3;

/**
 * Most bytes of bytecode that a byte of Wasm becomes, with room: of all functions of sql.js and CPython that have more than
 * 3,000 bytes of bytecode none reaches 11.
 */
const MOST_GROWTH = 16;

/** By opcode, of those that have neither effects nor a case in `ownSize`: whether it prints as a call. */
const IS_CALL: boolean[] = [];
for (const op of ALL_OPS) if (op < 0x100) IS_CALL[op] = !opInfo(op)!.name.startsWith("i32");

/** True where a function need not be looked at to know that it has less than `limit` bytes of bytecode. */
export function isSmaller(func: IrFunc, limit: number): boolean {
  return func.size * MOST_GROWTH < limit;
}

/** Estimated bytes of an expression's bytecode. */
export function sizeOfExpr(e: Expr): number {
  let size = ownSize(e);
  for (let i = 0; i < e.args.length; i++) size += sizeOfExpr(e.args[i]!);
  return size;
}

function ownSize(e: Expr): number {
  switch (e.op as Op | Ir) {
    case Op.local_get:
    case Op.i32_const:
    case Op.f32_const:
    case Op.f64_const:
    case Op.ref_null:
      return LEAF;
    case Op.call:
    case Ir.helper:
    case Ir.piece:
      return CALL;
    case Op.call_indirect:
    case Ir.return_call:
    case Ir.return_call_indirect:
      return INDIRECT;
    case Op.select:
      return BRANCH;
  }
  if ((e.own & Fx.trapMemory) !== 0) return e.imm === 0 ? ACCESS : ACCESS + OFFSET;
  if (e.own !== 0) return ACCESS;
  return IS_CALL[e.op] === true ? CALL : OPERATOR;
}

/** Estimated bytes of a list's bytecode. */
export function sizeOfList(body: readonly Stmt[]): number {
  let size = 0;
  const root = (e: Expr): void => {
    size += sizeOfExpr(e);
  };
  forEachStmt(body, (s) => {
    size += ownSizeOf(s);
    forEachRoot(s, root);
  });
  return size;
}

/** What a statement takes beside its expressions and what is nested in it. */
function ownSizeOf(s: Stmt): number {
  if (s.kind === K.switch) return LEAF + s.targets.length * LEAF;
  return s.kind === K.expr || s.kind === K.block ? 0 : LEAF;
}

/** Sizes of statements, each computed once from where a single one is asked for. */
export class Sizes {
  private readonly known = new Map<Stmt, number>();

  list(body: readonly Stmt[]): number {
    // FAST: most are asked for one list, and not again.
    if (this.known.size === 0) return sizeOfList(body);
    let size = 0;
    for (let i = 0; i < body.length; i++) size += this.of(body[i]!);
    return size;
  }

  private compute(s: Stmt): number {
    let size = ownSizeOf(s);
    forEachRoot(s, (e) => (size += sizeOfExpr(e)));
    forEachList(s, (list) => (size += this.list(list)));
    return size;
  }

  of(s: Stmt): number {
    const known = this.known.get(s);
    if (known !== undefined) return known;
    const size = this.compute(s);
    this.known.set(s, size);
    return size;
  }
}
