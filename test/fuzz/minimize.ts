// Makes a failing program smaller while it keeps failing: drops what is exported, empties functions, removes statements,
// and replaces expressions by constants or by one of their operands. A candidate that is no valid module never counts.
import { Op } from "../../runtime/wasm/opcodes.js";
import { W } from "../support/webassembly.js";
import { constant, node } from "./nodes.js";
import type { Letter, Node, Program } from "./program.js";
import { encodeProgram, Pseudo } from "./program.js";

const DEADLINE_MS = 60_000;

/** Changes `program` in place; `fails` tells whether a module still shows the failure. */
export function minimize(program: Program, fails: (bytes: Uint8Array) => boolean): void {
  const minimizer = new Minimizer(program, fails);
  while (minimizer.round() && !minimizer.late());
}

class Minimizer {
  private readonly deadline = Date.now() + DEADLINE_MS;
  private changed = false;
  private size: number;

  private readonly program: Program;
  private readonly fails: (bytes: Uint8Array) => boolean;

  constructor(program: Program, fails: (bytes: Uint8Array) => boolean) {
    this.program = program;
    this.fails = fails;
    this.size = encodeProgram(program).length;
  }

  late(): boolean {
    return Date.now() > this.deadline;
  }

  /** Tries everything once; false when nothing helped. */
  round(): boolean {
    this.changed = false;
    const { program } = this;
    for (const func of program.funcs) {
      this.attempt(() => swap(func, "exported", false));
      this.attempt(() =>
        swap(
          func,
          "body",
          func.results.map((type) => simplest(type)),
        ),
      );
    }
    if (program.start !== undefined) this.attempt(() => swap(program, "start", undefined as unknown as number));
    for (const func of program.funcs) this.sequence(func.body);
    for (const data of program.data) this.attempt(() => swap(data, "bytes", new Uint8Array(0)));
    return this.changed;
  }

  private attempt(change: () => () => void): boolean {
    if (this.late()) return false;
    const undo = change();
    let still = false;
    try {
      const bytes = encodeProgram(this.program);
      // Only what is smaller counts, so that this comes to an end.
      still = bytes.length < this.size && W.validate(bytes) && this.fails(bytes);
      if (still) this.size = bytes.length;
    } catch {
      still = false;
    }
    if (still) this.changed = true;
    else undo();
    return still;
  }

  private sequence(nodes: Node[]): void {
    // Halves first, single statements last.
    for (let size = nodes.length >> 1; size >= 1; size >>= 1) {
      for (let at = nodes.length - size; at >= 0; at -= size) {
        if (nodes.slice(at, at + size).some((n) => n.results.length > 0 || isFuel(n))) continue;
        this.attempt(() => splice(nodes, at, size, []));
      }
    }
    for (let i = 0; i < nodes.length; i++) this.simplify(nodes, i);
  }

  private simplify(siblings: Node[], at: number): void {
    const before = siblings[at];
    if (before === undefined || isSimplest(before) || isFuel(before)) return;
    const { results } = before;
    const candidates: Node[][] = [results.map((type) => simplest(type))];
    const parts = [before.args, before.body ?? [], before.otherwise ?? []];
    for (const part of parts) {
      for (const child of part)
        if (child.results.join() === results.join() && child.op !== Pseudo.take) candidates.push([child]);
    }
    for (const part of parts)
      if (part.length > 0 && part[part.length - 1]!.results.join() === results.join()) candidates.push(part);
    for (const candidate of candidates) {
      if (this.attempt(() => splice(siblings, at, 1, candidate))) return this.simplify(siblings, at);
    }
    if (before.otherwise !== undefined && results.length === 0)
      this.attempt(() => swap(before, "otherwise", undefined as unknown as Node[]));
    for (let i = 0; i < before.args.length; i++) this.simplify(before.args, i);
    if (before.body !== undefined) this.sequence(before.body);
    if (before.otherwise !== undefined) this.sequence(before.otherwise);
  }
}

/** What ends loops: without it a candidate may run for ever, and with it the minimizer. */
function isFuel({ op }: Node): boolean {
  return op === Pseudo.fuel;
}

function simplest(type: Letter): Node {
  if (type === "n" || type === "e") return node(Op.ref_null, [type], [], [type === "n" ? 0x70 : 0x6f]);
  return constant(type, type === "l" || type === "d" ? 0n : 0);
}

function isSimplest({ op, value, args }: Node): boolean {
  return (
    args.length === 0 &&
    (op === Op.ref_null ||
      op === Op.local_get ||
      op === Pseudo.take ||
      (value !== undefined && (value === 0 || value === 0n)))
  );
}

// Changes return how to undo them.

function swap<T, K extends keyof T>(owner: T, key: K, value: T[K]): () => void {
  const before = owner[key];
  owner[key] = value;
  return () => void (owner[key] = before);
}

function splice(list: Node[], at: number, count: number, replacement: readonly Node[]): () => void {
  const removed = list.splice(at, count, ...replacement);
  return () => void list.splice(at, replacement.length, ...removed);
}
