// The kernels: what each one is about and how much work one run does. Sources and built modules are in kernels/; each
// module exports run(n) and returns a checksum. The three sizes (full, about 1/16, about 1/256) let an engine without a
// JIT, or a variant that is hundreds of times slower, run the same program with less of it.

export interface Kernel {
  readonly name: string;
  /** What the kernel stresses; the table has a geometric mean for each. */
  readonly kind: "i32" | "i64" | "f32" | "f64" | "memory" | "calls" | "strings";
  readonly sizes: readonly [number, number, number];
}

export const KERNELS: readonly Kernel[] = [
  { name: "sieve", kind: "i32", sizes: [12, 1, 1] },
  { name: "crc32", kind: "i32", sizes: [120, 8, 1] },
  { name: "quicksort", kind: "i32", sizes: [7, 1, 1] },
  { name: "interp", kind: "i32", sizes: [480, 30, 2] },
  { name: "lexer", kind: "i32", sizes: [32, 2, 1] },
  { name: "sha256", kind: "i32", sizes: [24000, 1500, 94] },
  { name: "shellsort", kind: "i32", sizes: [5, 1, 1] },
  { name: "siphash", kind: "i64", sizes: [160000, 10000, 600] },
  { name: "xxh64", kind: "i64", sizes: [2400, 150, 9] },
  { name: "sha512", kind: "i64", sizes: [28000, 1750, 110] },
  { name: "blake2b", kind: "i64", sizes: [120000, 7500, 470] },
  { name: "pcg", kind: "i64", sizes: [12000, 750, 47] },
  { name: "modpow", kind: "i64", sizes: [56000, 3500, 220] },
  { name: "rotate", kind: "i64", sizes: [10000, 625, 39] },
  { name: "fnv1a", kind: "i64", sizes: [1000, 62, 4] },
  { name: "decimal", kind: "i64", sizes: [480000, 30000, 1900] },
  { name: "collatz", kind: "i64", sizes: [70000, 5000, 350] },
  { name: "powmod", kind: "i64", sizes: [80000, 5000, 312] },
  { name: "fixed", kind: "i64", sizes: [1600000, 100000, 6250] },
  { name: "isqrt", kind: "i64", sizes: [80000, 5000, 312] },
  { name: "mandel32", kind: "f32", sizes: [512, 128, 32] },
  { name: "raytrace", kind: "f32", sizes: [560, 140, 35] },
  { name: "perceptron", kind: "f32", sizes: [6000, 375, 24] },
  { name: "nbody", kind: "f64", sizes: [200000, 12500, 780] },
  { name: "matmul", kind: "f64", sizes: [12, 1, 1] },
  { name: "fft", kind: "f64", sizes: [100, 6, 1] },
  { name: "spectral", kind: "f64", sizes: [28, 2, 1] },
  { name: "points", kind: "f64", sizes: [120, 8, 1] },
  { name: "sine", kind: "f64", sizes: [2400000, 150000, 9400] },
  { name: "copy", kind: "memory", sizes: [1200, 75, 5] },
  { name: "list", kind: "memory", sizes: [1600, 100, 6] },
  { name: "unaligned", kind: "memory", sizes: [2800, 175, 11] },
  { name: "fib", kind: "calls", sizes: [33, 27, 21] },
  { name: "tak", kind: "calls", sizes: [36, 2, 1] },
  { name: "vtable", kind: "calls", sizes: [1000, 62, 4] },
  { name: "calls64", kind: "calls", sizes: [4000, 250, 16] },
  { name: "bintree", kind: "calls", sizes: [80, 5, 1] },
  { name: "heapsort", kind: "calls", sizes: [9, 1, 1] },
  { name: "hashmap", kind: "strings", sizes: [256000, 16000, 1000] },
  { name: "edit", kind: "strings", sizes: [12, 1, 1] },
];
