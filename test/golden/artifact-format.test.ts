// The hexdump in loader/FORMAT.md is that of the smallest artifact as it is written today, annotated by walking the same
// descriptions that reader and writer use. BLESS=1 rewrites it.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { writeAot } from "../../compiler/write/aot.js";
import { ByteReader, read } from "../../loader/codec.js";
import type { Schema } from "../../loader/codec.js";
import { load } from "../../loader/index.js";
import * as layout from "../../loader/layout.js";
import { smallestImage } from "../unit/loader/images.js";

const DOCUMENT = new URL("../../../loader/FORMAT.md", import.meta.url);
const BEGIN = "<!-- hexdump: begin -->\n\n";
const END = "\n<!-- hexdump: end -->";

const SCHEMAS: Readonly<Record<string, Schema<unknown>>> = {
  target: layout.targetSection,
  structure: layout.structureSection,
  functions: layout.functionsSection,
  exports: layout.exportsSection,
  relocations: layout.relocationsSection,
  pages: layout.pagesSection,
};

class Dump {
  readonly lines: string[] = [];
  private readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  heading(text: string): void {
    this.lines.push("", text);
  }

  field(from: number, to: number, note: string): void {
    for (let at = from; at < to || at === from; at += 16) {
      const chunk = [...this.bytes.subarray(at, Math.min(at + 16, to))];
      const hex = chunk.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
      this.lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(47)}  ${at === from ? note : ""}`.trimEnd());
    }
  }

  /** Walks a value by its description, a line for each field. */
  value(schema: Schema<unknown>, input: ByteReader, label: string): void {
    const from = input.offset;
    const until = (note: string): void => this.field(from, input.offset, note);
    const kinds = Object.keys(schema.cases ?? {});
    switch (schema.kind) {
      case "record":
        for (const field of schema.names!) this.value(schema.fields![field]!, input, label === "" ? field : `${label}.${field}`);
        return;
      case "list": {
        const count = input.count();
        until(`${label}: ${count} of them`);
        for (let i = 0; i < count; i++) this.value(schema.of!, input, `${label}[${i}]`);
        return;
      }
      case "optional": {
        const present = input.byte() === 1;
        until(`${label}: ${present ? "present" : "absent"}`);
        if (present) this.value(schema.of!, input, label);
        return;
      }
      case "union": {
        const kind = kinds[input.byte()]!;
        until(`${label}: ${kind}`);
        this.value(schema.cases![kind]!, input, label);
        return;
      }
      default: {
        const value = read(schema, input);
        const shown = schema.kind === "digest" ? "SHA-256" : JSON.stringify(value);
        until(`${label}: ${shown}${schema.kind === "u32" && (value as number) > 64 ? ` = 0x${(value as number).toString(16)}` : ""}`);
      }
    }
  }
}

function hexdump(bytes: Uint8Array): string {
  const dump = new Dump(bytes);
  const { sections } = load(bytes).region;
  const names = Object.fromEntries(Object.entries(layout.SECTIONS).map(([name, id]) => [id, name]));
  const header = new ByteReader(bytes, "header", 0);
  dump.heading("header");
  dump.field(0, 8, 'magic "\\0waot\\r\\n\\x1a"');
  header.raw(8);
  for (const field of ["format version", "ABI version", "file length", "section count"]) {
    const at = header.offset;
    dump.field(at, at + 4, `${field}: ${header.u32le()}`);
  }
  dump.heading("section table");
  for (let i = 0; i < sections.length; i++) {
    const at = header.offset;
    const [id, offset, length] = [header.u32le(), header.u32le(), header.u32le()];
    dump.field(at, at + 16, `${names[id]}: id ${id}, offset 0x${offset.toString(16)}, length ${length}, reserved`);
    header.raw(36);
    dump.field(at + 16, at + 48, names[id] === "text" ? "no digest: the pages have theirs" : "SHA-256 of the section");
  }
  dump.heading("digest");
  dump.field(header.offset, header.offset + 32, "SHA-256 of all bytes before this one");
  let end = header.offset + 32;
  for (const { name, offset, length } of sections) {
    dump.heading(`${name} section`);
    if (offset > end) dump.lines.push(`${end.toString(16).padStart(4, "0")}  00 … (zeros up to ${offset.toString(16)})`);
    const schema = SCHEMAS[name];
    if (schema !== undefined) dump.value(schema, new ByteReader(bytes.subarray(offset, offset + length), name, offset), schema.kind === "list" ? name : "");
    else if (name === "text") {
      const { length: used } = load(bytes).region.page(0);
      dump.field(offset, offset + used, "the text of page 0, an expression");
      dump.lines.push(`${(offset + used).toString(16)}  00 … (zeros up to ${(offset + length).toString(16)}, the end)`);
    } else dump.lines.push("(empty)");
    end = offset + length;
  }
  return `\`\`\`text\n${dump.lines.join("\n").trim()}\n\`\`\`\n`;
}

describe("loader/FORMAT.md", () => {
  it("shows the smallest artifact as it is", () => {
    const document = readFileSync(DOCUMENT, "utf8");
    const [before, rest] = document.split(BEGIN);
    const [, after] = rest!.split(END);
    const blessed = `${before}${BEGIN}${hexdump(writeAot(smallestImage()))}${END}${after}`;
    if (process.env.BLESS === "1") writeFileSync(DOCUMENT, blessed);
    else assert.equal(document, blessed, "run with BLESS=1 to accept");
  });

  it("describes every section", () => {
    const document = readFileSync(DOCUMENT, "utf8");
    for (const [name, id] of Object.entries(layout.SECTIONS)) assert.match(document, new RegExp(`\\| ${id} +\\| \`${name}\``));
  });
});
