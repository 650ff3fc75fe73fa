// Walks over the IR, in the order of evaluation.
//
// FAST: loops by index, here and in the passes: a `for … of` makes an object for every element where V8 does not optimize
// with TurboFan, and that was a quarter of all that compiling allocates. For the same reason what is called for every statement
// holds no arrow functions: with them, variables that they see are an object that is made at every call, even where they are not reached.
import { type Expr, Ir, type IrFunc, K, type Stmt, withArgs } from "./ir.js";
import { Op } from "../../runtime/wasm/opcodes.js";

/** Calls `visit` for every expression that a statement itself evaluates (not those of nested statements). */
export function forEachRoot(s: Stmt, visit: (e: Expr) => void): void {
  switch (s.kind) {
    case K.set:
    case K.expr:
    case K.switch:
      return visit(s.e);
    case K.if:
      return visit(s.cond);
    case K.return:
      for (let i = 0; i < s.args.length; i++) visit(s.args[i]!);
  }
}

/** The effects of the expressions that a statement itself evaluates. */
export function effectsOf(s: Stmt): number {
  switch (s.kind) {
    case K.set:
    case K.expr:
    case K.switch:
      return s.e.fx;
    case K.if:
      return s.cond.fx;
    case K.return:
      return effectsOfAll(s.args);
    default:
      return 0;
  }
}

export function effectsOfAll(es: readonly Expr[]): number {
  let fx = 0;
  for (let i = 0; i < es.length; i++) fx |= es[i]!.fx;
  return fx;
}

const NO_LISTS: readonly Stmt[][] = [];

/** The lists of statements nested in a statement, in order. */
export function nestedLists(s: Stmt): readonly Stmt[][] {
  switch (s.kind) {
    case K.block:
      return s.parts;
    case K.loop:
      return [s.body];
    case K.if:
      return [s.then, s.else];
    default:
      return NO_LISTS;
  }
}

/** Calls `visit` for each of them. */
export function forEachList(s: Stmt, visit: (list: Stmt[]) => void): void {
  switch (s.kind) {
    case K.block:
      for (let i = 0; i < s.parts.length; i++) visit(s.parts[i]!);
      return;
    case K.loop:
      return visit(s.body);
    case K.if:
      visit(s.then);
      visit(s.else);
  }
}

export function holdsLists(s: Stmt): boolean {
  return s.kind === K.block || s.kind === K.loop || s.kind === K.if;
}

/** Removes what stands behind the first `length` statements. FAST: setting the length is a call into the runtime. */
export function truncate(list: Stmt[], length: number): void {
  while (list.length > length) list.pop();
}

/** Every statement, outer before inner. */
export function forEachStmt(body: readonly Stmt[], visit: (s: Stmt) => void): void {
  for (let i = 0; i < body.length; i++) {
    const s = body[i]!;
    visit(s);
    switch (s.kind) {
      case K.block:
        for (let k = 0; k < s.parts.length; k++) forEachStmt(s.parts[k]!, visit);
        break;
      case K.loop:
        forEachStmt(s.body, visit);
        break;
      case K.if:
        forEachStmt(s.then, visit);
        forEachStmt(s.else, visit);
    }
  }
}

export function hasLoops(body: readonly Stmt[]): boolean {
  let found = false;
  forEachStmt(body, (s) => (found ||= s.kind === K.loop));
  return found;
}

/** Calls `visit` with every variable that a tree reads, once for each read. */
export function forEachRead(e: Expr, visit: (v: number) => void): void {
  if (e.op === Op.local_get) return visit(e.imm);
  for (let i = 0; i < e.args.length; i++) forEachRead(e.args[i]!, visit);
}

/** How often each variable is read or assigned. */
export function countUses({ vars, body }: IrFunc): Uint32Array {
  const uses = new Uint32Array(vars.length);
  const read = (v: number): number => uses[v]!++;
  const root = (e: Expr): void => forEachRead(e, read);
  forEachStmt(body, (s) => {
    if (s.kind === K.set) uses[s.v]!++;
    forEachRoot(s, root);
  });
  return uses;
}

/** Calls `visit` with every read of a variable; a node that trees share is met once in each. */
export function forEachGet(e: Expr, visit: (get: Expr) => void): void {
  if (e.op === Op.local_get) return visit(e);
  for (let i = 0; i < e.args.length; i++) forEachGet(e.args[i]!, visit);
}

/** Rewrites the leaves that read variables; subtrees without change are shared. */
export function mapReads(e: Expr, map: (get: Expr) => Expr): Expr {
  if (e.op === Op.local_get) return map(e);
  let args: Expr[] | undefined;
  for (let i = 0; i < e.args.length; i++) {
    const old = e.args[i]!;
    const arg = mapReads(old, map);
    if (arg !== old) (args ??= e.args.slice())[i] = arg;
  }
  return args === undefined ? e : withArgs(e, args);
}

/** Calls `visit` with every node that reads or assigns a variable; one that trees share is met once in each. */
export function forEachVariable(e: Expr, visit: (node: Expr) => void): void {
  if (e.op === Op.local_get || e.op === (Ir.tee as number)) visit(e);
  for (let i = 0; i < e.args.length; i++) forEachVariable(e.args[i]!, visit);
}

/** Replaces every expression that a statement itself evaluates. */
export function mapRoots(s: Stmt, map: (e: Expr) => Expr): void {
  switch (s.kind) {
    case K.set:
    case K.expr:
    case K.switch:
      s.e = map(s.e);
      return;
    case K.if:
      s.cond = map(s.cond);
      return;
    case K.return:
      s.args = s.args.map(map);
  }
}
