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
import type { PageInParts } from "../emit/page.js";
import { asciiInto } from "../emit/packed.js";
import { mergeDataSegments } from "./merge-data.js";
import { concat, sizeOf } from "./parts.js";

/** Zeros between two data segments up to which they are merged. */
const GAP = 64;

/** Writes an image as the bytes of an `.aot` file. */
export function writeAot(image: Image): Uint8Array {
  const text: Uint8Array[] = [];
  const writer = new AotWriter((bytes) => text.push(bytes.slice()));
  for (const { text, ...page } of image.pages) writer.addPage({ parts: [text], ...page });
  return concat([...writer.finish(image), ...text]);
}

/** Makes an `.aot` page by page, so that neither the pages nor the file need ever be in memory as a whole. */
export class AotWriter {
  private readonly symbols = new SymbolTable();
  private readonly headers: PageHeader[] = [];
  private readonly lines: Uint8Array[] = [];
  private hasLines = false;
  private textSize = 0;
  /** Where the text of one page after the other is put together. */
  private page = new Uint8Array(0);
  private readonly onText: (bytes: Uint8Array) => void;

  /** `onText` is given the text section in parts, in order; they are lent only. */
  constructor(onText: (bytes: Uint8Array) => void) {
    this.onText = onText;
  }

  addPage({ parts, functions, relocations, lines }: PageInParts): void {
    const length = sizeOf(parts);
    if (this.page.length < alignUp(length)) this.page = new Uint8Array(alignUp(2 * length));
    const padded = this.page.subarray(0, alignUp(length)).fill(0, length);
    const text = padded.subarray(0, length);
    let at = 0;
    for (const part of parts) {
      if (typeof part === "string") asciiInto(part, text, at);
      else text.set(part, at);
      at += part.length;
    }
    this.headers.push({
      length,
      digest: createHash("sha256").update(text).digest("hex"),
      functions,
      relocations: relocations.map((relocation) => this.symbols.number(relocation)),
    });
    if (lines !== undefined) this.hasLines = true;
    this.lines.push(encode(lineTable, lines ?? { lines: [], offsets: [] }));
    this.textSize += padded.length;
    this.onText(padded);
  }

  /** What stands in front of the text, in parts. */
  finish({ target, module: whole, funcOffsets }: Omit<Image, "pages">): Uint8Array[] {
    const module = mergeDataSegments(whole, GAP);
    const sections: Section[] = [
      ["target", [encode(targetSection, target)]],
      ["structure", [encode(structureSection, toStructure(module))]],
      ["functions", [encode(functionsSection, toFunctions(module, funcOffsets))]],
      ["exports", [encode(exportsSection, module.exports)]],
      ["relocations", [encode(relocationsSection, this.symbols.list)]],
      ["pages", [encode(pagesSection, this.headers)]],
      ["data", module.dataSegments.map(({ bytes }) => bytes)],
    ];
    if (module.funcNames.size > 0 || module.moduleName !== undefined) {
      sections.push(["names", [encode(namesSection, toNames(module))]]);
    }
    if (this.hasLines) sections.push(["lines", [encode(linesSection, this.lines)]]);
    if (module.customs.length > 0) sections.push(["custom", [encode(customSection, module.customs)]]);
    return front(sections, this.textSize);
  }
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

/** A section in parts that follow each other. */
type Section = readonly [SectionName, readonly Uint8Array[]];

/** A file of the given sections; the text, if there is any, comes last. */
export function container(sections: readonly (readonly [SectionName, Uint8Array])[]): Uint8Array {
  const text = sections.find(([name]) => name === "text")?.[1];
  const others = sections.filter(([name]) => name !== "text").map(([name, bytes]): Section => [name, [bytes]]);
  return concat([...front(others, text?.length), ...(text === undefined ? [] : [text])]);
}

/**
 * Header, section table with digests, digest of both, sections, and what is missing to the border at which the text begins;
 * there is no text section where `textSize` is not given.
 */
function front(sections: readonly Section[], textSize: number | undefined): Uint8Array[] {
  const count = sections.length + (textSize === undefined ? 0 : 1);
  const offsets: number[] = [];
  let end = HEADER_SIZE + count * SECTION_ENTRY_SIZE + DIGEST_SIZE;
  for (const [, parts] of sections) {
    offsets.push(end);
    end += sizeOf(parts);
  }
  const textAt = textSize === undefined ? end : alignUp(end);
  const head = new ByteWriter();
  head.raw(Uint8Array.from(MAGIC));
  for (const field of [FORMAT_VERSION, ABI_VERSION, textAt + (textSize ?? 0), count]) head.u32le(field);
  sections.forEach(([name, parts], i) => {
    for (const field of [SECTIONS[name], offsets[i]!, sizeOf(parts), 0]) head.u32le(field);
    head.raw(sha256(parts));
  });
  if (textSize !== undefined) {
    for (const field of [SECTIONS.text, textAt, textSize, 0]) head.u32le(field);
    // Text is checked page by page, so a digest of the whole would only cost time.
    head.raw(new Uint8Array(DIGEST_SIZE));
  }
  head.raw(sha256([head.finish()]));
  return [head.finish(), ...sections.flatMap(([, parts]) => parts), new Uint8Array(textAt - end)];
}

function encode<T>(schema: Schema<T>, value: T): Uint8Array {
  const out = new ByteWriter();
  write(schema, value, out);
  return out.finish();
}

function sha256(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function alignUp(offset: number): number {
  return Math.ceil(offset / PAGE_SIZE) * PAGE_SIZE;
}
