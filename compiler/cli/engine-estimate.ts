// What V8 holds for a program besides its memory, as the difference between two looks at V8's heap, each after a collection. An
// estimate: whatever else happened in between is in it, and V8 moves and shares things as it likes.
import { getHeapCodeStatistics, getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Allocator } from "../../runtime/memory/allocator.js";
import type { EngineEstimate } from "../../runtime/report/snapshot.js";

const HOW =
  "V8's heap after a collection, compared with what it was before the program was loaded. It includes what V8 keeps for " +
  "other reasons, and is different from run to run.";

/** The first look; the function returned takes the second. `allocator`: its buffers are in the report already. */
export function beginEstimate(allocator: Allocator): () => EngineEstimate {
  const collect = collector();
  collect();
  const before = look(allocator);
  return () => {
    collect();
    const after = look(allocator);
    const parts = Object.entries(after).map(([what, bytes]) => ({
      what,
      bytes: Math.max(0, bytes - before[what as keyof Look]),
    }));
    return { how: HOW, parts };
  };
}

type Look = ReturnType<typeof look>;

function look(allocator: Allocator): {
  "objects and closures": number;
  bytecode: number;
  "machine code": number;
  "buffers in no account": number;
} {
  const { used_heap_size: heap } = getHeapStatistics();
  const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
  const { allocated, overhead, total } = allocator.statistics();
  const buffers = process.memoryUsage().arrayBuffers - (total ?? allocated + overhead);
  return {
    "objects and closures": heap - code - bytecode,
    bytecode,
    "machine code": code,
    "buffers in no account": buffers,
  };
}

// Node gives its collector to those who start it with a flag, or set the flag and make a new context.
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
