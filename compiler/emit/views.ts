// Loops that read the view of a memory into a variable before they begin, instead of at every access: outermost ones of
// those in which nothing can grow a memory, so that nothing rebinds `M`. V8 reads `M` again, and checks again what it
// holds, behind every store, above all in code that it entered in the middle of a loop.
import { type Expr, K, type Stmt, mayGrow } from "../ir/ir.js";
import { forEachRoot, nestedLists } from "../ir/walk.js";
import { Op } from "../../runtime/wasm/opcodes.js";

/** The memories that a loop accesses, by loop. */
export type LoopViews = ReadonlyMap<Stmt, ReadonlySet<number>>;

/** What a list of statements does, the statements nested in it included. */
interface Use {
  grows: boolean;
  readonly memories: Set<number>;
}

export function loopViews(body: readonly Stmt[]): LoopViews {
  const loops = new Map<Stmt, ReadonlySet<number>>();
  if (hasLoop(body)) useOf(body, loops);
  return loops;
}

function hasLoop(body: readonly Stmt[]): boolean {
  return body.some((s) => s.kind === K.loop || nestedLists(s).some(hasLoop));
}

/** Adds the loops in `body`, unless they are inside one that is added. */
function useOf(body: readonly Stmt[], loops: Map<Stmt, ReadonlySet<number>>): Use {
  const use: Use = { grows: false, memories: new Set() };
  const root = (e: Expr): void => {
    if (mayGrow(e.fx)) use.grows = true;
    addMemories(e, use.memories);
  };
  for (const s of body) {
    forEachRoot(s, root);
    for (const list of nestedLists(s)) {
      const inner = s.kind === K.loop ? new Map<Stmt, ReadonlySet<number>>() : loops;
      const nested = useOf(list, inner);
      if (nested.grows) use.grows = true;
      nested.memories.forEach((memory) => use.memories.add(memory));
      if (s.kind !== K.loop) continue;
      if (nested.grows) inner.forEach((memories, loop) => loops.set(loop, memories));
      else loops.set(s, nested.memories);
    }
  }
  return use;
}

function addMemories(e: Expr, memories: Set<number>): void {
  if (e.op >= Op.i32_load && e.op <= Op.i64_store32) memories.add(e.imm2);
  for (let i = 0; i < e.args.length; i++) addMemories(e.args[i]!, memories);
}
