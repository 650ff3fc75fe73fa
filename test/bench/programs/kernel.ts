// A kernel as a subject: its module has no imports, and run(n) is the whole workload.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kernel } from "../kernels.js";
import type { Subject } from "./subject.js";
import { ROOT } from "../variants.js";

export function kernelSubject(kernel: Kernel): Subject {
  const bytes = readFileSync(join(ROOT, "test/bench/kernels", kernel.name + ".wasm"));
  return { ...kernel, bytes, workload: "function(instantiate){return instantiate({}).run}" };
}
