// Image to `.aot`: the binary container. Layout and field order are in loader/layout.ts, the drawing in loader/FORMAT.md;
// here is only which part of an image goes into which section. The same image gives the same bytes on any machine.
import { createHash } from "node:crypto";
import { ByteWriter, write } from "../../loader/codec.js";
import type { Schema } from "../../loader/codec.js";
import type { Image, Relocation } from "../../loader/image.js";
import { relocationName } from "../../loader/image.js";
import {
  ABI_VERSION,
  FORMAT_VERSION,
  HEADER_SIZE,
  DIGEST_SIZE,
  MAGIC,
  PAGE_SIZE,
  SECTIONS,
  SECTION_ENTRY_SIZE,
  customSection,
  exportsSection,
  functionsSection,
  lineTable,
  linesSection,
  namesSection,
  pagesSection,
  relocationsSection,
  structureSection,
  targetSection,
} from "../../loader/layout.js";
import type { PageHeader, SectionName } from "../../loader/layout.js";
import { toFunctions, toNames, toStructure } from "../../loader/structure.js";
import { mergeDataSegments } from "./merge-data.js";

/** Writes an image as the bytes of an `.aot` file. */
export function writeAot(image: Image): Uint8Array {
  const { target, pages } = image;
  const module = mergeDataSegments(image.module);
  const texts = pages.map(({ text }) => asciiBytes(text));
  const symbols = new SymbolTable();
  const headers = pages.map((page, p): PageHeader => ({
    length: texts[p]!.length,
    digest: sha256(texts[p]!).toString("hex"),
    functions: page.functions,
    relocations: page.relocations.map((relocation) => symbols.number(relocation)),
  }));

  const sections: [SectionName, Contents][] = [
    ["target", encode(targetSection, target)],
    ["structure", encode(structureSection, toStructure(module))],
    ["functions", encode(functionsSection, toFunctions(module, image.funcOffsets))],
    ["exports", encode(exportsSection, module.exports)],
    ["relocations", encode(relocationsSection, symbols.list)],
    ["pages", encode(pagesSection, headers)],
    ["data", concat(module.dataSegments.map(({ bytes }) => bytes))],
  ];
  if (module.funcNames.size > 0 || module.moduleName !== undefined) {
    sections.push(["names", encode(namesSection, toNames(module))]);
  }
  if (pages.some(({ lines }) => lines !== undefined)) {
    const tables = pages.map(({ lines }) => encode(lineTable, lines ?? { lines: [], offsets: [] }));
    sections.push(["lines", encode(linesSection, tables)]);
  }
  if (module.customs.length > 0) sections.push(["custom", encode(customSection, module.customs)]);
  sections.push(["text", texts]);
  return container(sections);
}

/** Each relocation once, in order of first use. */
class SymbolTable {
  readonly list: Relocation[] = [];
  private readonly numbers = new Map<string, number>();

  number(relocation: Relocation): number {
    const key = `${relocation.kind} ${relocationName(relocation)}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.list.length;
      this.numbers.set(key, number);
      this.list.push(relocation);
    }
    return number;
  }
}

/** What a section holds; of several chunks, each begins at a page border. */
type Contents = Uint8Array | readonly Uint8Array[];

/**
 * Header, section table with digests, digest of both, sections. Their bytes are copied once, to where they stay: the text of
 * python.wasm has 25 MB.
 */
export function container(sections: readonly (readonly [SectionName, Contents])[]): Uint8Array {
  const headerEnd = HEADER_SIZE + sections.length * SECTION_ENTRY_SIZE + DIGEST_SIZE;
  const offsets: number[] = [];
  let end = headerEnd;
  for (const [name, contents] of sections) {
    if (name === "text") end = alignUp(end);
    offsets.push(end);
    end += sizeOf(contents);
  }
  const head = new ByteWriter();
  head.raw(Uint8Array.from(MAGIC));
  for (const field of [FORMAT_VERSION, ABI_VERSION, end, sections.length]) head.u32le(field);
  sections.forEach(([name, contents], i) => {
    for (const field of [SECTIONS[name], offsets[i]!, sizeOf(contents), 0]) head.u32le(field);
    // Text is checked page by page, so a digest of the whole would only cost time.
    head.raw(contents instanceof Uint8Array && name !== "text" ? sha256(contents) : new Uint8Array(DIGEST_SIZE));
  });
  head.raw(sha256(head.finish()));

  const bytes = new Uint8Array(end);
  bytes.set(head.finish());
  sections.forEach(([, contents], i) => {
    let at = offsets[i]!;
    for (const chunk of contents instanceof Uint8Array ? [contents] : contents) {
      bytes.set(chunk, at);
      at += alignUp(chunk.length);
    }
  });
  return bytes;
}

function sizeOf(contents: Contents): number {
  if (contents instanceof Uint8Array) return contents.length;
  return contents.reduce((size, chunk) => size + alignUp(chunk.length), 0);
}

function encode<T>(schema: Schema<T>, value: T): Uint8Array {
  const out = new ByteWriter();
  write(schema, value, out);
  return out.finish();
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function alignUp(offset: number): number {
  return Math.ceil(offset / PAGE_SIZE) * PAGE_SIZE;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(chunks));
}

// V8 keeps such a text at one byte a character, and its offsets are those of the file.
function asciiBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, "latin1");
  if (/[^\x00-\x7f]/.test(text)) throw new Error("BUG: page text is not ASCII");
  return bytes;
}
