// A kernel as a program: its module has no imports, and run(n) is the whole workload.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kernel } from "../kernels.js";
import { ROOT } from "../variants.js";

export const KERNEL_WORKLOAD = "function(instantiate){return instantiate({}).run}";

export function kernelBytes(kernel: Kernel): Uint8Array {
  return readFileSync(join(ROOT, "test/bench/kernels", kernel.name + ".wasm"));
}

// The compile-time lib has no WebAssembly types; this is the little of it that the oracle needs.
interface NativeApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, (size: number) => number> };
}

/** The answers of native WebAssembly in this process. */
export function nativeAnswers(kernel: Kernel): number[] {
  const api = (globalThis as unknown as { WebAssembly: NativeApi }).WebAssembly;
  const { exports } = new api.Instance(new api.Module(kernelBytes(kernel)), {});
  return kernel.sizes.map((size) => exports["run"]!(size));
}
