// `wamrc-ts inspect`: what an artifact or a module consists of. Facts are gathered in one plain object, which --json
// prints as it is, and inspect-text.ts for people.
import type { TargetInfo } from "../../loader/image.js";
import { load } from "../../loader/load.js";
import { decode } from "../../runtime/wasm/decode.js";
import { countsOf, externType, importType, inspectModule, type ModuleReport } from "../../runtime/wasm/inspect.js";
import type { Module } from "../../runtime/wasm/module.js";
import { validate } from "../../runtime/wasm/validate.js";
import { EXIT } from "./exit-codes.js";
import { asFailure, Failure, report } from "./failure.js";
import { readInput } from "./files.js";
import { kindOf } from "./input.js";
import { printFacts } from "./inspect-text.js";
import type { Invocation } from "./parse.js";
import { importArtifact } from "./program.js";
import { readText } from "./wat.js";

export interface Facts extends Partial<Omit<ModuleReport, "imports" | "exports">> {
  readonly file: string;
  readonly size: number;
  readonly kind: "module" | "aot" | "javascript";
  /** Artifacts: what they were made from and for. */
  readonly target?: TargetInfo;
  readonly sourceDigest?: string;
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

export async function inspectCommand({ positionals, switches, values }: Invocation): Promise<number> {
  const path = positionals[0]!;
  const bytes = readInput(path);
  const kind = kindOf(path, bytes);
  const wasm = kind === "wat" ? await readText(path, new TextDecoder().decode(bytes)) : bytes;
  const wanted = values.get("function");
  try {
    if (switches.has("disassemble") || wanted !== undefined) {
      if (kind === "aot" || kind === "javascript")
        throw new Failure("usage", `${path}: only .wasm and .wat are disassembled`);
      await printFunctions(path, wasm, wanted);
      return EXIT.ok[0];
    }
    const facts =
      kind === "aot"
        ? inspectAot(path, bytes)
        : kind === "javascript"
          ? await inspectJavaScript(path, bytes)
          : inspectWasm(path, wasm);
    process.stdout.write(switches.has("json") ? `${JSON.stringify(facts, null, 2)}\n` : printFacts(facts));
    return facts.fault ? report(new Failure("invalid", `${path}: ${facts.fault.message}`)) : EXIT.ok[0];
  } catch (error) {
    throw asFailure(error, path);
  }
}

function inspectAot(path: string, bytes: Uint8Array): Facts {
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
    ...(module.moduleName === undefined ? {} : { name: module.moduleName }),
    target,
    sections: region.sections.map(({ name, offset, length }) => ({ name, offset, size: length })),
    imported: module.imported,
    counts: countsOf(module),
    pages,
    relocations,
    ...externs(module),
  };
}

async function inspectJavaScript(path: string, bytes: Uint8Array): Promise<Facts> {
  const { module } = await importArtifact(path);
  // The artifact speaks as the JavaScript API does, the other two as the format.
  const plain = <T extends ExternFacts>(list: readonly T[]): T[] =>
    list.map((item) => ({ ...item, kind: item.kind === "function" ? "func" : item.kind }));
  const [imports, exports] = [plain(module.imports), plain(module.exports)];
  return { file: path, size: bytes.length, kind: "javascript", sourceDigest: module.digest, imports, exports };
}

function inspectWasm(path: string, bytes: Uint8Array): Facts {
  const report = inspectModule(bytes);
  return { file: path, kind: "module", ...report };
}

function externs(module: Module): Pick<Facts, "imports" | "exports"> {
  return {
    imports: module.imports.map(({ module: from, name, desc }) => ({
      module: from,
      name,
      kind: desc.kind,
      type: importType(module, desc),
    })),
    exports: module.exports.map(({ name, kind, index }) => ({ name, kind, type: externType(module, kind, index) })),
  };
}

/** All functions, or the one with that index or name. */
async function printFunctions(path: string, bytes: Uint8Array, wanted: string | undefined): Promise<void> {
  const { disassembleLines, namesOf } = await import("../../runtime/wasm/print.js");
  const module = decode(bytes);
  validate(module);
  const names = namesOf(module);
  const all = module.funcTypes.map((_, index) => index);
  const chosen =
    wanted === undefined ? all.slice(module.imported.func) : all.filter((i) => isFunction(module, i, wanted));
  if (chosen.length === 0)
    throw new Failure("usage", `${path}: no function ${wanted}; it has ${all.length}, from 0 on`);
  for (const index of chosen) {
    for (const line of disassembleLines(module, index, names)) process.stdout.write(`${line}\n`);
  }
}

function isFunction(module: Module, index: number, wanted: string): boolean {
  return (
    String(index) === wanted ||
    module.funcNames.get(index) === wanted ||
    module.exports.some(({ kind, index: i, name }) => kind === "func" && i === index && name === wanted)
  );
}
