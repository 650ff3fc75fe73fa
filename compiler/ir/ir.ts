// The intermediate representation: expression trees inside structured control flow, over typed variables.
//
// Why trees and not SSA: Wasm arrives structured and, from LLVM, already stackified; JavaScript wants structure and nested
// expressions back. A tree keeps both for free, at any function size, where SSA would have to rebuild them. What SSA is
// good at (facts about values) is had by renaming every local's webs apart first (passes/webs.ts), after which one fact
// per variable is nearly as good as one per program point.
//
// The same nodes serve two levels. At the first, expressions may be i64. Splitting (passes/split.ts) rewrites them to
// pairs of i32; from there on no node has type `l`. Operators are the Wasm opcodes themselves, plus the few of `Ir`.
//
// Invariant of every tree: JavaScript evaluates operands left to right, and so does Wasm; a tree is printed in the order
// of its `args`, so effects happen in the order of a left-to-right walk.
import type { FuncType } from "../../runtime/wasm/types.js";

/** Type of an expression or variable: i32, i64, f32, f64, reference, no value; of a variable only: i64 in a cell (passes/bigint.ts). */
export const enum T {
  i = 0,
  l = 1,
  f = 2,
  d = 3,
  r = 4,
  none = 5,
  w = 6,
}

/** Operators that Wasm has not. Numbers lie above every Wasm opcode. */
export const enum Ir {
  /** imm = index into HELPER_NAMES (helpers.ts), args = scalars. */
  helper = 0x1000000,
  /** What the last call left in S.h and the further result slots: imm = number of the result's first scalar (>= 1). */
  slot,
  /** Boolean connectives with short circuit; args are side-effect free. */
  and_then,
  or_else,
  /** imm = global, read or written: the high half of an i64 global. */
  global_get_hi,
  global_set_hi,
  /** Function `imm` called with `args` in tail position; its results are the caller's. */
  return_call,
  /** As above through table `imm2` with type `imm`; the last argument is the index. */
  return_call_indirect,
  /** (lo, hi) read as one 64-bit number, rounded to f64: `hi * 2^32 + lo`, lo unsigned; imm 1 = hi unsigned too. */
  f64_from_pair,
  /** High 32 bits of the unsigned 64-bit product: args a, b and the low product a*b. */
  mul_high_u,
  /** A comparison, or another condition, as the boolean that it is to JavaScript: its value is only asked whether it is zero. */
  truth,
  /** Carry out of an addition as 0/1: args sum, addend. Borrow: args minuend, subtrahend. */
  carry,
  borrow,
  /** Sum of i32 as unsigned numbers, a double; those whose bit is set in imm are subtracted, which imm2 times 2^32 makes up for. */
  word_sum,
  /** The low 32 bits of a whole number in a double; the bits above, less imm. */
  low_word,
  high_word,
  /** trap with code imm; never returns. */
  trap,
  /** Piece `imm` of this function called (passes/outline); its value is what its single `return` statement holds, if any. */
  piece,
  /** What the last piece left for its caller beside its value: imm = number among those of the same type. */
  out_get,
  /** Leaves it, right before the piece returns. */
  out_set,
  /** Leaves scalar imm (>= 1) of the function's result where its caller looks for it. */
  slot_set,
  /** Variable imm, which is read nowhere but behind this in the same statement, is assigned the operand, which is the value. */
  tee,
  /** An access as an element of a typed array (passes/elements): args index, access; imm 1: the index may be none; imm2: where the array begins. */
  element,
  /** Whether there is no element: args as above. */
  missing,
  /** Whether the address of an access, the operand, is out of bounds; imm 1: it is below 2^31; imm2: bytes that limit it to before the memory's end. */
  outside,
  /** The operand divided by 2^imm, which is no index where it is not divisible; imm2 = Quotient flags. */
  quotient,
}

/** What evaluating a node may observe or change. Two nodes may swap unless their effects clash (see `clash`). */
export const enum Fx {
  none = 0,
  readLocal = 1 << 0,
  writeLocal = 1 << 1,
  readMemory = 1 << 2,
  writeMemory = 1 << 3,
  readGlobal = 1 << 4,
  writeGlobal = 1 << 5,
  readTable = 1 << 6,
  writeTable = 1 << 7,
  readSlot = 1 << 8,
  writeSlot = 1 << 9,
  /** Out of bounds memory access: two of these may swap, since either way the same trap comes out. */
  trapMemory = 1 << 10,
  trapOther = 1 << 11,
  /** Not an effect: the tree holds an i64, so splitting has work to do in it. */
  wide = 1 << 12,
  /** Not an effect: the program expects the address of an access not to be aligned. */
  unaligned = 1 << 13,
  call = (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5) | (1 << 6) | (1 << 7) | (1 << 8) | (1 << 9) | (1 << 11),
}

const READS = Fx.readLocal | Fx.readMemory | Fx.readGlobal | Fx.readTable | Fx.readSlot;
const WRITES = READS << 1;
const TRAPS = Fx.trapMemory | Fx.trapOther;
/** Effects that outlive the function, so that a trap before or after them can be told apart. */
const LASTING = Fx.writeMemory | Fx.writeGlobal | Fx.writeTable;

/** True where evaluating x and y in the other order could be noticed (locals are compared by the caller). */
export function clash(x: number, y: number): boolean {
  const nonLocal = ~(Fx.readLocal | Fx.writeLocal);
  x &= nonLocal;
  y &= nonLocal;
  if ((((x & READS) << 1) & y) !== 0 || (((y & READS) << 1) & x) !== 0 || (x & y & WRITES) !== 0) return true;
  if ((x & TRAPS) !== 0 && (y & LASTING) !== 0) return true;
  if ((y & TRAPS) !== 0 && (x & LASTING) !== 0) return true;
  return ((x & Fx.trapOther) !== 0 && (y & TRAPS) !== 0) || ((y & Fx.trapOther) !== 0 && (x & TRAPS) !== 0);
}

/**
 * True where a node holds a call, which may grow a memory. JavaScript evaluates the receiver of `M.setInt32(a, f())`
 * first, and would then write to the view that growing replaced: such an operand is evaluated before the access.
 */
export function mayGrow(fx: number): boolean {
  return (fx & Fx.call) === Fx.call;
}

/** True where a node may be dropped when its value is not needed. */
export function isDroppable(fx: number): boolean {
  return (fx & (WRITES | TRAPS)) === 0;
}

const NO_ARGS: Expr[] = [];

/**
 * One operation. `imm`/`imm2` by operator: constants hold their bits (i64 and f64: low, high), local.* the variable,
 * loads and stores the offset (unsigned) and the memory, call the function, call_indirect the type and the table.
 */
export class Expr {
  readonly op: number;
  readonly type: T;
  readonly args: Expr[];
  imm: number;
  imm2: number;
  /** Effects of this node and everything below it. */
  readonly fx: number;
  /** Effects of this node alone. */
  readonly own: number;
  /** Nodes on the longest path down, for limits on what is printed nested. */
  readonly depth: number;
  /** Wasm file offset, for traps; 0 where the node cannot trap. */
  readonly at: number;

  constructor(
    op: number,
    type: T,
    args: Expr[],
    imm: number,
    imm2: number,
    fx: number,
    own: number,
    depth: number,
    at: number,
  ) {
    this.op = op;
    this.type = type;
    this.args = args;
    this.imm = imm;
    this.imm2 = imm2;
    this.fx = fx;
    this.own = own;
    this.depth = depth;
    this.at = at;
  }
}

/** Makes a node; its effects are `ownFx` and those of its operands. */
export function expr(op: number, type: T, args: Expr[] = NO_ARGS, imm = 0, imm2 = 0, ownFx = 0, at = 0): Expr {
  let fx = type === T.l ? ownFx | Fx.wide : ownFx;
  let depth = 0;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    fx |= arg.fx;
    if (arg.depth > depth) depth = arg.depth;
  }
  return new Expr(op, type, args, imm, imm2, fx, ownFx, depth + 1, at);
}

/** A node without operands. */
export function leaf(op: number, type: T, imm = 0, imm2 = 0, ownFx = 0, at = 0): Expr {
  return new Expr(op, type, NO_ARGS, imm, imm2, type === T.l ? ownFx | Fx.wide : ownFx, ownFx, 1, at);
}

/** The same operation over other operands. */
export function withArgs(e: Expr, args: Expr[], type: T = e.type): Expr {
  return expr(e.op, type, args, e.imm, e.imm2, e.own, e.at);
}

/** True where evaluating a node sooner or later makes no difference: constants and arithmetic on temporaries. */
export function isUndisturbed(e: Expr): boolean {
  return (e.fx & ~Fx.wide) === 0;
}

/** A branch target. `uses` counts the branches to it; a label without uses is not printed. */
export interface Label {
  readonly loop: boolean;
  uses: number;
}

export const enum K {
  set,
  expr,
  block,
  loop,
  if,
  br,
  switch,
  return,
}

export interface SetStmt {
  readonly kind: K.set;
  v: number;
  e: Expr;
}
/** An expression evaluated for its effects: calls, stores, global.set, table and bulk operations, traps. */
export interface ExprStmt {
  readonly kind: K.expr;
  e: Expr;
}
/**
 * Nested blocks as one chain: `parts[0]` runs, then `parts[1]` …; a branch to `labels[i]` goes on after `parts[i]`.
 * Blocks nest thousands deep in real modules, nearly always at each other's beginning (a br_table and its cases); as a
 * chain they cost no recursion here and can become one `switch` in the output. There are as many parts as labels.
 */
export interface BlockStmt {
  readonly kind: K.block;
  readonly labels: Label[];
  readonly parts: Stmt[][];
}
export interface LoopStmt {
  readonly kind: K.loop;
  readonly label: Label;
  body: Stmt[];
}
export interface IfStmt {
  readonly kind: K.if;
  cond: Expr;
  then: Stmt[];
  else: Stmt[];
}
export interface BrStmt {
  readonly kind: K.br;
  readonly label: Label;
}
/** br_table: index i goes to targets[i], anything else (unsigned) to `otherwise`. */
export interface SwitchStmt {
  readonly kind: K.switch;
  e: Expr;
  readonly targets: Label[];
  readonly otherwise: Label;
}
export interface ReturnStmt {
  readonly kind: K.return;
  /** One expression per result (per scalar, after splitting). */
  args: Expr[];
}
export type Stmt = SetStmt | ExprStmt | BlockStmt | LoopStmt | IfStmt | BrStmt | SwitchStmt | ReturnStmt;

// FAST: statements have three shapes, not eight: V8 compiles the reading of a field inline for up to four shapes. What is behind
// a field that a kind has not is never looked at.

class Simple {
  readonly kind: K;
  v: number;
  e: Expr;

  constructor(kind: K, v: number, e: Expr) {
    this.kind = kind;
    this.v = v;
    this.e = e;
  }
}

class Control {
  readonly kind: K;
  readonly label: Label | undefined;
  args: Expr[] | undefined;
  cond: Expr | undefined;
  then: Stmt[] | undefined;
  else: Stmt[] | undefined;

  constructor(
    kind: K,
    label: Label | undefined,
    args: Expr[] | undefined,
    cond: Expr | undefined,
    then: Stmt[] | undefined,
    otherwise: Stmt[] | undefined,
  ) {
    this.kind = kind;
    this.label = label;
    this.args = args;
    this.cond = cond;
    this.then = then;
    this.else = otherwise;
  }
}

class Nest {
  readonly kind: K;
  readonly label: Label | undefined;
  body: Stmt[] | undefined;
  readonly labels: Label[] | undefined;
  readonly parts: Stmt[][] | undefined;
  e: Expr | undefined;
  readonly targets: Label[] | undefined;
  readonly otherwise: Label | undefined;

  constructor(
    kind: K,
    label: Label | undefined,
    body: Stmt[] | undefined,
    labels: Label[] | undefined,
    parts: Stmt[][] | undefined,
    e: Expr | undefined,
    targets: Label[] | undefined,
    otherwise: Label | undefined,
  ) {
    this.kind = kind;
    this.label = label;
    this.body = body;
    this.labels = labels;
    this.parts = parts;
    this.e = e;
    this.targets = targets;
    this.otherwise = otherwise;
  }
}

export function setStmt(v: number, e: Expr): SetStmt {
  return new Simple(K.set, v, e) as SetStmt;
}
export function exprStmt(e: Expr): ExprStmt {
  return new Simple(K.expr, -1, e) as ExprStmt;
}
export function ifStmt(cond: Expr, then: Stmt[], otherwise: Stmt[]): IfStmt {
  return new Control(K.if, undefined, undefined, cond, then, otherwise) as IfStmt;
}
export function brStmt(label: Label): BrStmt {
  return new Control(K.br, label, undefined, undefined, undefined, undefined) as BrStmt;
}
export function returnStmt(args: Expr[]): ReturnStmt {
  return new Control(K.return, undefined, args, undefined, undefined, undefined) as ReturnStmt;
}
export function loopStmt(label: Label, body: Stmt[]): LoopStmt {
  return new Nest(K.loop, label, body, undefined, undefined, undefined, undefined, undefined) as LoopStmt;
}
export function blockStmt(labels: Label[], parts: Stmt[][]): BlockStmt {
  return new Nest(K.block, undefined, undefined, labels, parts, undefined, undefined, undefined) as BlockStmt;
}
export function switchStmt(e: Expr, targets: Label[], otherwise: Label): SwitchStmt {
  return new Nest(K.switch, undefined, undefined, undefined, undefined, e, targets, otherwise) as SwitchStmt;
}

/** A function being compiled. Variables are numbered. */
export interface IrFunc {
  readonly index: number;
  readonly type: FuncType;
  /** Bytes of its body in the module. */
  readonly size: number;
  /** The variables that hold the parameters, in order: one for each value, after splitting one for each scalar. */
  params: number[];
  vars: T[];
  /** Variables that start as zero (Wasm locals); the others are assigned before they are read. */
  zeroed: number[];
  body: Stmt[];
  /** Contains a tail call, so callers may be handed a continuation. */
  tailCalls: boolean;
  /**
   * Parts of the function that became JavaScript functions of their own (passes/outline). They share its variables' numbers
   * and types, but each has its own values: what crosses does so as parameters and results.
   */
  readonly pieces: IrFunc[];
  /** Number of this piece, from 1; 0 for the function itself. */
  readonly piece: number;
}
