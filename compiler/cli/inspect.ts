// `wamrc-ts inspect`: what an artifact or a module consists of. Facts are gathered in one plain object, which --json
// prints as it is, and inspect-text.ts for people.
import type { TargetInfo } from "../../loader/image.js";
import { typeName } from "../../runtime/wasm/errors.js";
import { type ExternKind, type Import, type Module, typeOfFunc } from "../../runtime/wasm/module.js";
import type { GlobalType, Limits, MemoryType, TableType } from "../../runtime/wasm/types.js";
import { EXIT } from "./exit-codes.js";
import { asFailure } from "./failure.js";
import { readInput } from "./files.js";
import { kindOf } from "./input.js";
import { describeSignature } from "./invoke.js";
import type { Invocation } from "./parse.js";

export interface Facts {
  readonly file: string;
  readonly size: number;
  readonly kind: "module" | "aot" | "javascript";
  readonly name?: string;
  /** Artifacts: what they were made from and for. */
  readonly target?: TargetInfo;
  readonly sourceDigest?: string;
  /** Modules: proposals that they use. */
  readonly features?: readonly string[];
  readonly sections?: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
  readonly functions?: { readonly imported: number; readonly defined: number };
  readonly pages?: readonly PageFacts[];
  /** Artifacts: how many relocations of each kind all pages have. */
  readonly relocations?: Readonly<Record<string, number>>;
  readonly imports: readonly ExternFacts[];
  readonly exports: readonly ExternFacts[];
}

export interface PageFacts {
  readonly offset: number;
  readonly size: number;
  readonly functions: number;
  readonly relocations: number;
  readonly digest: string;
}

export interface ExternFacts {
  readonly module?: string;
  readonly name: string;
  readonly kind: string;
  readonly type?: string;
}

export async function inspectCommand({ positionals, switches }: Invocation): Promise<number> {
  const path = positionals[0]!;
  const facts = await gather(path);
  if (switches.has("json")) {
    console.log(JSON.stringify(facts, null, 2));
  } else {
    const { printFacts } = await import("./inspect-text.js");
    process.stdout.write(printFacts(facts));
  }
  return EXIT.ok[0];
}

async function gather(path: string): Promise<Facts> {
  const bytes = readInput(path);
  const kind = kindOf(path, bytes);
  try {
    if (kind === "aot") return await inspectAot(path, bytes);
    if (kind === "javascript") return await inspectJavaScript(path, bytes);
    const wasm =
      kind === "wat" ? await (await import("./wat.js")).readText(path, new TextDecoder().decode(bytes)) : bytes;
    return await inspectModule(path, wasm);
  } catch (error) {
    throw asFailure(error, path);
  }
}

async function inspectAot(path: string, bytes: Uint8Array): Promise<Facts> {
  const { load } = await import("../../loader/load.js");
  const loaded = load(bytes, { verify: true });
  const { region, module, target } = loaded;
  const relocations: Record<string, number> = {};
  const pages = Array.from({ length: region.pageCount }, (_, i): PageFacts => {
    const { offset, length, digest } = region.page(i);
    const page = loaded.page(i);
    for (const { kind } of page.relocations) relocations[kind] = (relocations[kind] ?? 0) + 1;
    return { offset, size: length, functions: page.functions.length, relocations: page.relocations.length, digest };
  });
  return {
    file: path,
    size: bytes.length,
    kind: "aot",
    ...nameOf(module),
    target,
    sections: region.sections.map(({ name, offset, length }) => ({ name, offset, size: length })),
    functions: countFunctions(module),
    pages,
    relocations,
    ...externs(module),
  };
}

async function inspectJavaScript(path: string, bytes: Uint8Array): Promise<Facts> {
  const { importArtifact } = await import("./program.js");
  const { module } = await importArtifact(path);
  const { digest, imports, exports } = module;
  return { file: path, size: bytes.length, kind: "javascript", sourceDigest: digest, imports, exports };
}

/** Also validates: the facts of a module that is not valid would mean nothing. */
async function inspectModule(path: string, bytes: Uint8Array): Promise<Facts> {
  const [{ decode }, { validate }, { RecordingGate }] = await Promise.all([
    import("../../runtime/wasm/decode.js"),
    import("../../runtime/wasm/validate.js"),
    import("../../runtime/wasm/features.js"),
  ]);
  const gate = new RecordingGate();
  const module = decode(bytes, { gate });
  validate(module, { gate });
  return {
    file: path,
    size: bytes.length,
    kind: "module",
    ...nameOf(module),
    features: gate.finish().map(({ feature }) => feature),
    sections: module.sections.map(({ name, at, size }) => ({ name, offset: at, size })),
    functions: countFunctions(module),
    ...externs(module),
  };
}

function nameOf(module: Module): Pick<Facts, "name"> {
  return module.moduleName === undefined ? {} : { name: module.moduleName };
}

function countFunctions(module: Module): NonNullable<Facts["functions"]> {
  const imported = module.imported.func;
  return { imported, defined: module.funcTypes.length - imported };
}

function externs(module: Module): Pick<Facts, "imports" | "exports"> {
  return {
    imports: module.imports.map(({ module: from, name, desc }) => ({
      module: from,
      name,
      kind: kindName(desc.kind),
      type: describeImport(module, desc),
    })),
    exports: module.exports.map(({ name, kind, index }) => ({
      name,
      kind: kindName(kind),
      type: describeExtern(module, kind, index),
    })),
  };
}

/** The names of the JavaScript API. */
function kindName(kind: ExternKind): string {
  return kind === "func" ? "function" : kind;
}

function describeImport(module: Module, desc: Import["desc"]): string {
  switch (desc.kind) {
    case "func": {
      const composite = module.types[desc.typeIndex]!.composite;
      return composite.kind === "func" ? describeSignature("", composite) : "";
    }
    case "table":
      return describeTable(desc.table);
    case "memory":
      return describeMemory(desc.memory);
    case "global":
      return describeGlobal(desc.global);
    case "tag":
      return `type ${desc.tag.typeIndex}`;
  }
}

function describeExtern(module: Module, kind: ExternKind, index: number): string {
  switch (kind) {
    case "func":
      return describeSignature("", typeOfFunc(module, index));
    case "table":
      return describeTable(module.tables[index]!.type);
    case "memory":
      return describeMemory(module.memories[index]!);
    case "global":
      return describeGlobal(module.globals[index]!.type);
    case "tag":
      return `type ${module.tags[index]!.typeIndex}`;
  }
}

function describeMemory({ limits, shared, address64 }: MemoryType): string {
  return `${describeLimits(limits)} pages${shared ? ", shared" : ""}${address64 ? ", 64-bit" : ""}`;
}

function describeTable({ limits, element, address64 }: TableType): string {
  return `${describeLimits(limits)} ${typeName(element)}${address64 ? ", 64-bit" : ""}`;
}

function describeGlobal({ type, mutable }: GlobalType): string {
  return `${mutable ? "mutable " : ""}${typeName(type)}`;
}

function describeLimits({ min, max }: Limits): string {
  return max === undefined ? `${min} or more` : min === max ? `${min}` : `${min} to ${max}`;
}
