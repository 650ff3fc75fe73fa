// Which functions are called in loops. They run often, and what a call of theirs does in one go is short: engines have them
// optimized soon, whereas a function that is called a few times only may spend its life in a loop.
import { ALL_FEATURES, FeatureGate } from "../../runtime/wasm/features.js";
import type { DecodedModule } from "../../runtime/wasm/module.js";
import { ALL_OPS, Op, isPrefix, opcodeOf, opInfo } from "../../runtime/wasm/opcodes.js";
import { TypeReader } from "../../runtime/wasm/type-reader.js";
import { skipImmediates } from "./immediates.js";

const GATE = new FeatureGate(ALL_FEATURES);

/**
 * Functions with a call of their own within a loop, and all that such functions call. What is exported as well is left
 * out: nobody knows how the host calls it. A tenth of a second for CPython.
 */
export function calledInLoops(module: DecodedModule): ReadonlySet<number> {
  const callees: ReadonlySet<number>[] = [];
  const found = new Set<number>();
  for (let defined = 0; defined < module.code.length; defined++) callees.push(visitCalls(module, defined, found));
  const { func: imported } = module.imported;
  // A set is iterated over what is added meanwhile, too.
  for (const caller of found) for (const callee of callees[caller - imported] ?? []) found.add(callee);
  for (const { kind, index } of module.exports) if (kind === "func") found.delete(index);
  return found;
}

/** What the immediates of an opcode of one byte are: one LEB128 number; alignment and offset, or more. */
const enum Skip {
  none,
  number,
  memarg,
  other,
}
const SKIP: Skip[] = new Array<Skip>(256).fill(Skip.other);
for (const op of ALL_OPS) if (op < 256) SKIP[op] = skipOf(opInfo(op)!.imms);

function skipOf(imms: string): Skip {
  if (imms === "none") return Skip.none;
  if (/^(local|global|label|func|i32|i64)$/.test(imms)) return Skip.number;
  return imms === "memarg" ? Skip.memarg : Skip.other;
}

/** All callees of a function; those in loops are added to `inLoops`. */
function visitCalls({ bytes, code }: DecodedModule, defined: number, inLoops: Set<number>): ReadonlySet<number> {
  const { start, end } = code[defined]!;
  const reader = new TypeReader(bytes, start, end, GATE);
  const callees = new Set<number>();
  /** Open constructs, and how many of them there were when the outermost loop began. */
  let depth = 0;
  let loop = Infinity;
  // FAST: most instructions are skipped here, without the reader's checks, as the code is valid.
  for (let at = start; at < end;) {
    const byte = bytes[at++]!;
    if (byte === (Op.call as number) || byte === (Op.return_call as number)) {
      reader.pos = at;
      const index = reader.u32();
      at = reader.pos;
      callees.add(index);
      if (depth >= loop) inLoops.add(index);
      continue;
    }
    switch (byte as Op) {
      case Op.loop:
        loop = Math.min(loop, depth + 1);
        depth++;
        break;
      case Op.block:
      case Op.if:
      case Op.try_table:
        depth++;
        break;
      case Op.end:
        if (depth === loop) loop = Infinity;
        depth--;
    }
    const skip = SKIP[byte]!;
    if (skip === Skip.none) continue;
    const isPlainMemarg = skip === Skip.memarg && bytes[at]! < 0x40;
    if (skip === Skip.number || isPlainMemarg) {
      if (isPlainMemarg) at++;
      while (bytes[at++]! >= 0x80);
      continue;
    }
    reader.pos = at;
    skipImmediates(reader, isPrefix(byte) ? opcodeOf(byte, reader.u32()) : byte);
    at = reader.pos;
  }
  return callees;
}
