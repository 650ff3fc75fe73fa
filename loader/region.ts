// A code region: the mapped artifact. It hands out no reference to the bytes (mapping.ts says where they are), checks the header when it is made and every section and text page before its first use, and gives out verified page texts.
// Which bytes mean what is in layout.ts, drawn in FORMAT.md.
import { ByteReader, read, toHex } from "./codec.js";
import * as error from "./errors.js";
import { sha256Hex, textOf } from "./host.js";
import {
  ABI_VERSION,
  DIGEST_SIZE,
  FORMAT_VERSION,
  HEADER_SIZE,
  MAGIC,
  MAX_SECTIONS,
  PAGE_SIZE,
  SECTIONS,
  SECTION_ENTRY_SIZE,
  pagesSection,
} from "./layout.js";
import type { PageHeader, SectionName } from "./layout.js";
import type { Mapping, Place } from "./mapping.js";

interface Section {
  readonly id: number;
  readonly offset: number;
  readonly length: number;
  readonly digest: string;
  verified: boolean;
}

const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[];
const OPTIONAL: readonly SectionName[] = ["names", "lines", "custom"];

/** What the loader's own files may do with a region, and nobody else. @internal */
export interface RegionAccess {
  /** A reader over a verified section; undefined where the artifact has none. */
  open(region: CodeRegion, section: SectionName): ByteReader | undefined;
  pages(region: CodeRegion): readonly PageHeader[];
  /** Puts a mapping of the same bytes in the place of the one that the region has; pages that are not `needed` lose their text. */
  remap(region: CodeRegion, mapping: Mapping, needed: (page: number) => boolean): void;
  /** Whether the text of a page is kept. */
  keeps(region: CodeRegion, page: number): boolean;
  /** Gives the text of a page back, where that frees memory. */
  release(region: CodeRegion, page: number): void;
}

/** @internal */
export let regionAccess: RegionAccess;

/** An artifact's bytes, owned and read-only, verified piece by piece. */
export class CodeRegion {
  #mapping: Mapping;
  /** The artifact up to its text section, and perhaps more. */
  #head: Uint8Array;
  readonly #sections = new Map<number, Section>();
  readonly #pages: readonly PageHeader[];
  readonly #pageOffsets: readonly number[];
  readonly #digest: string;

  /** Nobody else may change the bytes of the mapping. @internal */
  constructor(mapping: Mapping) {
    this.#mapping = mapping;
    this.#head = mapping.head();
    this.#digest = this.#readHeader();
    const reader = this.#open("pages")!;
    this.#pages = read(pagesSection, reader);
    reader.end();
    this.#pageOffsets = this.#layOutPages();
    mapping.mapPages(this.#places(), () => true);
    Object.freeze(this);
  }

  static {
    regionAccess = {
      open: (region, section) => region.#open(section),
      pages: (region) => region.#pages,
      remap: (region, mapping, needed) => {
        const head = mapping.head();
        mapping.mapPages(region.#places(), needed);
        region.#mapping = mapping;
        region.#head = head;
        for (const section of region.#sections.values()) section.verified = false;
      },
      keeps: (region, page) => region.#mapping.keeps(page),
      release: (region, page) => region.#mapping.release(page),
    };
  }

  /** Bytes of the artifact. */
  get size(): number {
    return this.#mapping.size;
  }

  /** SHA-256 over header and section table, which hold the digests of everything else: the artifact's identity. */
  get digest(): string {
    return this.#digest;
  }

  get pageCount(): number {
    return this.#pages.length;
  }

  /** Name, place and size of every section, in file order. */
  get sections(): readonly { readonly name: string; readonly offset: number; readonly length: number }[] {
    return [...this.#sections.values()].map(({ id, offset, length }) => ({ name: sectionName(id), offset, length }));
  }

  /** Place and size of a page's text, and its digest. */
  page(page: number): { readonly offset: number; readonly length: number; readonly digest: string } {
    const { length, digest } = this.#pages[page]!;
    return { offset: this.#pageOffsets[page]!, length, digest };
  }

  /** The text of a page; throws ArtifactError if it is not the one the page table promises. */
  pageText(page: number): string {
    const { offset, digest } = this.page(page);
    const bytes = this.#mapping.text(page);
    if (sha256Hex(bytes) !== digest) throw error.damaged("text", offset, `text of page ${page}`);
    return textOf(bytes);
  }

  /** Checks every byte now instead of when it is needed. */
  verify(): void {
    for (const name of SECTION_NAMES) this.#open(name);
    let end = this.#sections.get(SECTIONS.text)!.offset;
    this.#checkPadding(this.#textStart(), end);
    for (let page = 0; page < this.pageCount; page++) {
      this.pageText(page);
      const { offset, length } = this.page(page);
      end = alignUp(offset + length);
      this.#checkPadding(offset + length, end);
    }
  }

  #readHeader(): string {
    const bytes = this.#head;
    const wrong = MAGIC.findIndex((byte, i) => bytes[i] !== byte);
    if (wrong >= 5 && (bytes[5] === 0x0a || bytes[6] === 0x0d)) throw error.damagedInTransfer();
    if (wrong >= 0) throw error.notAnArtifact(bytes);
    const header = new ByteReader(bytes, "header", 0);
    header.raw(MAGIC.length);
    const format = header.u32le();
    if (format !== FORMAT_VERSION) throw error.wrongFormat(format, FORMAT_VERSION);
    const abi = header.u32le();
    if (abi !== ABI_VERSION) throw error.wrongAbi(abi, ABI_VERSION);
    const length = header.u32le();
    if (length !== this.size) throw error.wrongLength(length, this.size);
    const count = header.u32le();
    if (count > MAX_SECTIONS)
      throw error.malformed("header", 20, `${count} sections, expected at most ${MAX_SECTIONS}`);
    const tableSize = HEADER_SIZE + count * SECTION_ENTRY_SIZE;
    header.raw(count * SECTION_ENTRY_SIZE);
    const expected = toHex(header.raw(DIGEST_SIZE));
    const digest = sha256Hex(bytes.subarray(0, tableSize));
    if (digest !== expected) throw error.damaged("header", 0, "header");
    this.#readSectionTable(new ByteReader(bytes.subarray(HEADER_SIZE, tableSize), "header", HEADER_SIZE), count);
    return digest;
  }

  // Sections lie one behind the other in ascending order of id, so there is no byte that belongs to none.
  #readSectionTable(table: ByteReader, count: number): void {
    let end = HEADER_SIZE + count * SECTION_ENTRY_SIZE + DIGEST_SIZE;
    let previous = 0;
    for (let i = 0; i < count; i++) {
      const at = table.offset;
      const id = table.u32le();
      const offset = table.u32le();
      const length = table.u32le();
      const zero = table.u32le();
      const digest = toHex(table.raw(DIGEST_SIZE));
      if (id <= previous) throw error.malformed("header", at, `section ${id} after section ${previous}`);
      const known = SECTION_NAMES.some((name) => SECTIONS[name] === id);
      if (!known && id < 0x80) throw error.malformed("header", at, `unknown section ${id}`);
      const start = id === SECTIONS.text ? alignUp(end) : end;
      if (offset !== start) throw error.malformed("header", at + 4, `section at ${offset}, expected at ${start}`);
      if (length > this.size - offset) throw error.malformed("header", at + 8, "section reaches past the end");
      if (zero !== 0) throw error.malformed("header", at + 12, "reserved field is not zero");
      this.#sections.set(id, { id, offset, length, digest, verified: false });
      previous = id;
      end = offset + length;
    }
    if (end !== this.size) throw error.malformed("header", end, "bytes that belong to no section");
    for (const name of SECTION_NAMES) {
      if (!OPTIONAL.includes(name) && !this.#sections.has(SECTIONS[name])) {
        throw error.malformed("header", HEADER_SIZE, `no ${name} section`);
      }
    }
  }

  #layOutPages(): number[] {
    const text = this.#sections.get(SECTIONS.text)!;
    let end = text.offset;
    const offsets = this.#pages.map(({ length }) => {
      const offset = end;
      end = alignUp(offset + length);
      return offset;
    });
    if (end !== text.offset + text.length)
      throw error.inconsistent("pages", `pages end at ${end}, not where the text ends`);
    return offsets;
  }

  #places(): Place[] {
    return this.#pages.map(({ length }, page) => ({ offset: this.#pageOffsets[page]!, length }));
  }

  #open(name: SectionName): ByteReader | undefined {
    const section = this.#sections.get(SECTIONS[name]);
    if (section === undefined) return undefined;
    this.#mapping.use();
    const bytes = this.#head.subarray(section.offset, section.offset + section.length);
    if (!section.verified && name !== "text") {
      if (sha256Hex(bytes) !== section.digest) throw error.damaged(name, section.offset, `${name} section`);
      section.verified = true;
    }
    return new ByteReader(bytes, name, section.offset);
  }

  #textStart(): number {
    let end = 0;
    for (const { id, offset, length } of this.#sections.values()) if (id < SECTIONS.text) end = offset + length;
    return end;
  }

  #checkPadding(from: number, to: number): void {
    const wrong = this.#mapping.findNonZero(from, to);
    if (wrong >= 0) throw error.malformed("text", wrong, "padding is not zero");
  }
}

function alignUp(offset: number): number {
  return Math.ceil(offset / PAGE_SIZE) * PAGE_SIZE;
}

function sectionName(id: number): string {
  return SECTION_NAMES.find((name) => SECTIONS[name] === id) ?? `section ${id}`;
}
