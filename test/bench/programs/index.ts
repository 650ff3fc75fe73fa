// Everything that can be measured, by name: the kernels, then the real programs. A program whose package is not
// installed is left out with a note.
import { join } from "node:path";
import { KERNELS } from "../kernels.js";
import { ROOT } from "../variants.js";
import { HASHES, hashWasm } from "./hash-wasm.js";
import { kernelSubject } from "./kernel.js";
import { sqljs } from "./sqljs.js";
import type { Subject } from "./subject.js";

export interface SubjectEntry {
  readonly name: string;
  readonly kind: string;
  /** `packages` is a node_modules folder. */
  load(packages?: string): Subject | undefined;
}

const installed = join(ROOT, "node_modules");

export const SUBJECTS: readonly SubjectEntry[] = [
  ...KERNELS.map((kernel) => ({ name: kernel.name, kind: kernel.kind, load: () => kernelSubject(kernel) })),
  { name: "sqljs", kind: "program", load: (packages = installed) => sqljs(packages) },
  ...(Object.keys(HASHES) as (keyof typeof HASHES)[]).map((name) => ({
    name: "hw-" + name,
    kind: "hash-wasm",
    load: (packages = installed) => hashWasm(name, packages),
  })),
];
