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

  const sections: [SectionName, Uint8Array][] = [
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
  sections.push(["text", padded(texts)]);
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

/** Header, section table with digests, digest of both, sections. */
export function container(sections: readonly (readonly [SectionName, Uint8Array])[]): Uint8Array {
  const out = new ByteWriter();
  const headerEnd = HEADER_SIZE + sections.length * SECTION_ENTRY_SIZE + DIGEST_SIZE;
  const offsets: number[] = [];
  let end = headerEnd;
  for (const [name, contents] of sections) {
    if (name === "text") end = alignUp(end);
    offsets.push(end);
    end += contents.length;
  }
  out.raw(Uint8Array.from(MAGIC));
  for (const field of [FORMAT_VERSION, ABI_VERSION, end, sections.length]) out.u32le(field);
  sections.forEach(([name, contents], i) => {
    for (const field of [SECTIONS[name], offsets[i]!, contents.length, 0]) out.u32le(field);
    // Text is checked page by page, so a digest of the whole would only cost time.
    out.raw(name === "text" ? new Uint8Array(DIGEST_SIZE) : sha256(contents));
  });
  out.raw(sha256(out.finish()));
  sections.forEach(([, contents], i) => {
    out.raw(new Uint8Array(offsets[i]! - out.length));
    out.raw(contents);
  });
  return out.finish();
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

function padded(texts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + alignUp(text.length), 0));
  let at = 0;
  for (const text of texts) {
    bytes.set(text, at);
    at += alignUp(text.length);
  }
  return bytes;
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
