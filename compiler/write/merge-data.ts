// Fewer, larger data segments. Linkers and optimizers cut zeros out of data, which leaves programs with tens of thousands of
// segments (CPython: 24,000), each of which costs an object, a view and a copy at every instantiation. Runs of zeros are
// cheap in both containers, so segments that lie close together become one.
//
// That must not be visible. It is not when the memory is the module's own (so the gaps hold zeros), all offsets are constants,
// segments ascend without overlap and end within the memory's minimum (so no copy traps half way), and nobody can name a
// segment by its index (a data count is kept only where there is a use of one).
import { Op } from "../../runtime/wasm/opcodes.js";
import type { DataSegment, DecodedModule, Module } from "../../runtime/wasm/module.js";

const PAGE = 65536;

/** The module with its data segments merged over at most `gap` zeros, where that cannot be noticed. */
export function mergeDataSegments(module: Module, gap: number): Module {
  const { dataSegments } = module;
  if ((module as Partial<DecodedModule>).dataCount !== undefined) return module;
  const ends: number[] = [];
  for (const { mode, memory, offset, bytes } of dataSegments) {
    if (mode !== "active" || memory < module.imported.memory) return module;
    const [op, start] = offset;
    if (op !== Op.i32_const || offset.length !== 2) return module;
    const end = (start! >>> 0) + bytes.length;
    if (start! >>> 0 < (ends[memory] ?? 0) || end > module.memories[memory]!.limits.min * PAGE) return module;
    ends[memory] = end;
  }
  const merged: DataSegment[] = [];
  for (let first = 0; first < dataSegments.length;) {
    let last = first;
    while (last + 1 < dataSegments.length && distance(dataSegments[last]!, dataSegments[last + 1]!) <= gap) last++;
    merged.push(last === first ? dataSegments[first]! : join(dataSegments.slice(first, last + 1)));
    first = last + 1;
  }
  return { ...module, dataSegments: merged };
}

function startOf({ offset }: DataSegment): number {
  return offset[1]! >>> 0;
}

/** How many zeros are between two segments. */
function distance(a: DataSegment, b: DataSegment): number {
  return a.memory === b.memory ? startOf(b) - (startOf(a) + a.bytes.length) : Infinity;
}

function join(segments: readonly DataSegment[]): DataSegment {
  const [first, last] = [segments[0]!, segments[segments.length - 1]!];
  const start = startOf(first);
  const bytes = new Uint8Array(startOf(last) + last.bytes.length - start);
  for (const segment of segments) bytes.set(segment.bytes, startOf(segment) - start);
  return { mode: "active", memory: first.memory, offset: first.offset, bytes };
}
