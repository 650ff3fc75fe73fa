// For functions with i64 as BigInt: loops run in strips. A loop becomes a piece that returns after some rounds, and is called
// again to go on.
//
// V8 takes better code for a function when it is called. Maglev, its second compiler, does not lower BigInts: a loop that is
// entered in Maglev's code runs to its end 50 to 100 times slower than in TurboFan's, which for a function that is called a few
// times only may be all there is: calls of 100 ms took 30 s (test/bench/questions/i64-strips.js). A strip is over soon, and
// the next one runs in the best code there is. The name is HotSpot's, which cuts its loops so for a safepoint in every strip.
// Strips cost calls, and cells for what is alive behind the loop; functions that are called in loops, hence often, are spared them.
import { Op } from "../../runtime/wasm/opcodes.js";
import {
  type Expr,
  Fx,
  type IrFunc,
  K,
  type Label,
  type LoopStmt,
  type Stmt,
  T,
  expr,
  brStmt,
  ifStmt,
  loopStmt,
  setStmt,
  blockStmt,
  leaf,
} from "../ir/ir.js";
import { Exact, i32 } from "../ir/make.js";
import { forEachRoot, forEachStmt, nestedLists } from "../ir/walk.js";
import { Liveness } from "./liveness.js";
import { crossingOf, inCells } from "./outline/crossing.js";
import { extract } from "./outline/extract.js";

/** Rounds of a strip: of a loop without loops, and of one with. A call costs as much as a few operations. */
const ROUNDS = 256;
const OUTER_ROUNDS = 16;
/** One in so many of a loop's operations must be of i64. */
const LEAST_WIDE = 4;

export function stripMine(func: IrFunc): void {
  new StripMining(func).list(func.body);
}

class StripMining {
  /** Holds the number of the exit that a strip took. */
  private code = -1;

  private readonly func: IrFunc;

  constructor(func: IrFunc) {
    this.func = func;
  }

  /** Outermost loops; where loops nest deeper than two, those between as well, so that no strip is long. */
  list(body: Stmt[]): void {
    for (let i = 0; i < body.length; i++) {
      const s = body[i]!;
      const depth = s.kind === K.loop ? depthOf(s) : 0;
      if (depth !== 1 && depth !== 2) for (const nested of nestedLists(s)) this.list(nested);
      if (depth > 0) this.mine(body, i, s as LoopStmt, depth > 1 ? OUTER_ROUNDS : ROUNDS);
    }
  }

  private mine(list: Stmt[], index: number, loop: LoopStmt, rounds: number): void {
    const { func } = this;
    if (!isMostlyWide(loop) || isSwitchedTo(loop)) return;
    const left = func.vars.push(T.i) - 1;
    const strips: LoopStmt = loopStmt({ loop: true, uses: 0 }, []);
    const body = counted(loop.body, loop.label, strips.label, left);
    strips.body = [setStmt(left, i32(rounds)), loopStmt(loop.label, body)];
    const whole = list[index]!;
    list[index] = strips;
    const region = { list: strips.body, from: 0, to: 2 };
    const all = crossingOf(func, new Liveness(func, [strips.body]), region);
    const crossing = all && inCells(func, all);
    if (crossing === undefined) {
      list[index] = whole;
      return;
    }
    if (this.code < 0) this.code = func.vars.push(T.i) - 1;
    extract(func, region, crossing, this.code);
  }
}

/** How deep loops with i64 operations nest in a loop with them, itself included; 0 where it has none. */
function depthOf(loop: LoopStmt): number {
  let deepest = 0;
  let wide = false;
  const visit = (list: readonly Stmt[]): void => {
    for (const s of list) {
      forEachRoot(s, (e) => (wide ||= (e.fx & Fx.wide) !== 0));
      if (s.kind === K.loop) deepest = Math.max(deepest, depthOf(s));
      else for (const nested of nestedLists(s)) visit(nested);
    }
  };
  visit(loop.body);
  return wide || deepest > 0 ? deepest + 1 : 0;
}

/** Whether BigInts are what a loop is about: in others, such as an interpreter's with a few of them, there is not much to be slow. */
function isMostlyWide({ body }: LoopStmt): boolean {
  let all = 0;
  let wide = 0;
  const visit = (e: Expr): void => {
    all++;
    if (e.type === T.l || e.args.some(({ type }) => type === T.l)) wide++;
    e.args.forEach(visit);
  };
  forEachStmt(body, (s) => forEachRoot(s, visit));
  return wide * LEAST_WIDE >= all;
}

/** Whether a br_table goes on with the next round, which a strip cannot count there. */
function isSwitchedTo({ label, body }: LoopStmt): boolean {
  let found = false;
  forEachStmt(body, (s) => {
    if (s.kind === K.switch && (s.otherwise === label || s.targets.includes(label))) found = true;
  });
  return found;
}

/** The body with `left` counted down where it goes on with the next round, which at zero is the next strip's. */
function counted(body: readonly Stmt[], round: Label, strip: Label, left: number): Stmt[] {
  const inner = (list: readonly Stmt[]): Stmt[] => counted(list, round, strip, left);
  return body.flatMap((s): Stmt | Stmt[] => {
    switch (s.kind) {
      case K.br: {
        if (s.label !== round) return s;
        strip.uses++;
        const get = (): Expr => leaf(Op.local_get, T.i, left, 0, Fx.readLocal);
        const less = expr(Op.i32_add, T.i, [get(), i32(-1)], Exact.value);
        return [setStmt(left, less), ifStmt(expr(Op.i32_eqz, T.i, [get()]), [brStmt(strip)], []), s];
      }
      case K.if:
        return ifStmt(s.cond, inner(s.then), inner(s.else));
      case K.loop:
        return loopStmt(s.label, inner(s.body));
      case K.block:
        return blockStmt(s.labels, s.parts.map(inner));
      default:
        return s;
    }
  });
}
