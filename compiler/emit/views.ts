// Loops that read the view of a memory into a variable before they begin, instead of at every access: outermost ones of
// those in which nothing can grow a memory, so that nothing rebinds `M`. V8 reads `M` again, and checks again what it
// holds, behind every store, above all in code that it entered in the middle of a loop.
import { type Expr, K, type LoopStmt, type Stmt, mayGrow } from "../ir/ir.js";
import { forEachRoot } from "../ir/walk.js";
import { Op } from "../../runtime/wasm/opcodes.js";

/** The memories that a loop accesses, by loop. */
export type LoopViews = ReadonlyMap<Stmt, ReadonlySet<number>>;

export function loopViews(body: readonly Stmt[]): LoopViews {
  const search = new Search();
  search.list(body);
  return search.loops();
}

/** What a loop does, the loops nested in it included. */
interface Use {
  grows: boolean;
  readonly memories: Set<number>;
}

class Search {
  private readonly found: { readonly loop: Stmt; readonly memories: ReadonlySet<number> }[] = [];
  /** Of the loop around; what is in none does not matter. */
  private use: Use | undefined;

  private readonly root = (e: Expr): void => {
    if (mayGrow(e.fx)) this.use!.grows = true;
    addMemories(e, this.use!.memories);
  };

  loops(): LoopViews {
    return new Map(this.found.map(({ loop, memories }) => [loop, memories]));
  }

  list(body: readonly Stmt[]): void {
    for (let i = 0; i < body.length; i++) {
      const s = body[i]!;
      if (this.use !== undefined) forEachRoot(s, this.root);
      switch (s.kind) {
        case K.block:
          for (let k = 0; k < s.parts.length; k++) this.list(s.parts[k]!);
          break;
        case K.if:
          this.list(s.then);
          this.list(s.else);
          break;
        case K.loop:
          this.loop(s);
      }
    }
  }

  /** Adds the loop, in the place of those that were found in it; or leaves those, if it may grow a memory. */
  private loop(loop: LoopStmt): void {
    const { found, use: outer } = this;
    const inner = found.length;
    const use: Use = (this.use = { grows: false, memories: new Set() });
    this.list(loop.body);
    if (!use.grows) {
      while (found.length > inner) found.pop();
      found.push({ loop, memories: use.memories });
    }
    this.use = outer;
    if (outer === undefined) return;
    if (use.grows) outer.grows = true;
    use.memories.forEach((memory) => outer.memories.add(memory));
  }
}

function addMemories(e: Expr, memories: Set<number>): void {
  if (e.op >= Op.i32_load && e.op <= Op.i64_store32) memories.add(e.imm2);
  for (let i = 0; i < e.args.length; i++) addMemories(e.args[i]!, memories);
}
