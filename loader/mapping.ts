// Where an artifact's bytes lie while it is loaded: all together in a buffer of the loader's own or of the caller's, or, in a
// runtime's memory, as one piece for everything but the text and one for each page, charged to the module. What the bytes mean
// and whether they are what they should be is the region's business.
import type { ModuleOwner } from "../runtime/environment/module-owner.js";
import type { Allocation } from "../runtime/memory/account.js";
import { LifetimeError } from "../runtime/memory/errors.js";
import { HEADER_SIZE, MAX_SECTIONS, SECTIONS, SECTION_ENTRY_SIZE } from "./layout.js";
import type { ArtifactSource } from "./source.js";

/** Place and length of a page's text in the artifact. @internal */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** @internal */
export interface Mapping {
  /** Bytes of the artifact. */
  readonly size: number;
  /** The artifact from its beginning to the end of what is before the text section, or more of it. */
  head(): Uint8Array;
  /** Brings the texts of the pages in that are `needed`. Called once, before any `text`. */
  mapPages(pages: readonly Place[], needed: (page: number) => boolean): void;
  /** Whether the text of a page is kept. */
  keeps(page: number): boolean;
  /** Throws LifetimeError where the text is not kept. */
  text(page: number): Uint8Array;
  /** Where between `from` and `to` a byte is not 0; -1: nowhere, or not known, as what is between pages is not always kept. */
  findNonZero(from: number, to: number): number;
  /** The text of a page is no longer needed. */
  release(page: number): void;
  /** Throws LifetimeError where the bytes are gone. */
  use(): void;
}

/** The whole artifact as it is. @internal */
export class WholeMapping implements Mapping {
  readonly size: number;
  private readonly bytes: Uint8Array;
  private pages: readonly Place[] = [];

  /** Nobody else may change `bytes` while they are in use. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.size = bytes.length;
  }

  head(): Uint8Array {
    return this.bytes;
  }

  mapPages(pages: readonly Place[]): void {
    this.pages = pages;
  }

  keeps(): boolean {
    return true;
  }

  text(page: number): Uint8Array {
    const { offset, length } = this.pages[page]!;
    return this.bytes.subarray(offset, offset + length);
  }

  findNonZero(from: number, to: number): number {
    return firstNonZero(this.bytes.subarray(from, to), from);
  }

  release(): void {}

  use(): void {}
}

/** An artifact in memory of a runtime, which nobody else holds. @internal */
export class PlacedMapping implements Mapping {
  readonly size: number;
  private readonly owner: ModuleOwner;
  private source: ArtifactSource | undefined;
  private top: Allocation | undefined;
  private readonly texts: (Allocation | undefined)[] = [];

  constructor(source: ArtifactSource, owner: ModuleOwner) {
    this.size = source.size;
    this.source = source;
    this.owner = owner;
  }

  head(): Uint8Array {
    this.top = this.owner.account.allocate("module structure", this.headSize());
    const bytes = this.top.bytes();
    this.source!.read(0, bytes);
    return bytes;
  }

  mapPages(pages: readonly Place[], needed: (page: number) => boolean): void {
    pages.forEach(({ offset, length }, page) => {
      if (!needed(page)) return;
      const text = this.owner.account.allocate("AoT code", length, `page ${page}`);
      this.texts[page] = text;
      this.source!.read(offset, text.bytes());
    });
  }

  keeps(page: number): boolean {
    return this.texts[page] !== undefined;
  }

  text(page: number): Uint8Array {
    this.use();
    const text = this.texts[page];
    if (text === undefined)
      throw new LifetimeError("disposed", `the text of page ${page} is not kept, as the page is compiled`);
    return text.bytes();
  }

  findNonZero(from: number, to: number): number {
    return this.source === undefined ? -1 : this.peek(from, to - from, (bytes) => firstNonZero(bytes, from));
  }

  use(): void {
    this.owner.account.use();
  }

  release(page: number): void {
    this.texts[page]?.free();
    this.texts[page] = undefined;
  }

  /** Gives everything back. */
  undo(): void {
    this.top?.free();
    for (let page = 0; page < this.texts.length; page++) this.release(page);
  }

  /** The source is no longer needed. */
  detach(): void {
    this.source = undefined;
  }

  // Where what is before the text section ends, if this is an artifact; the region finds out whether it is.
  private headSize(): number {
    const { size } = this;
    const count = size < HEADER_SIZE ? 0 : this.peek(0, HEADER_SIZE, (bytes) => viewOf(bytes).getUint32(20, true));
    const tableSize = Math.min(count, MAX_SECTIONS) * SECTION_ENTRY_SIZE;
    if (HEADER_SIZE + tableSize > size) return size;
    return this.peek(HEADER_SIZE, tableSize, (bytes) => {
      const table = viewOf(bytes);
      let end = 0;
      for (let at = 0; at < tableSize; at += SECTION_ENTRY_SIZE) {
        if (table.getUint32(at, true) === SECTIONS.text) return Math.min(size, end);
        end = table.getUint32(at + 4, true) + table.getUint32(at + 8, true);
      }
      return size;
    });
  }

  private peek<T>(offset: number, length: number, use: (bytes: Uint8Array) => T): T {
    return this.owner.runtime.nativeStack.with(length, (bytes) => {
      this.source!.read(offset, bytes);
      return use(bytes);
    });
  }
}

function firstNonZero(bytes: Uint8Array, offset: number): number {
  const at = bytes.findIndex((byte) => byte !== 0);
  return at < 0 ? -1 : offset + at;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
