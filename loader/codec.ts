// Descriptions of values, and what can be done with any value that has one: write it as bytes, read it back, and turn it
// into the plain arrays that a JavaScript artifact carries as literals (literal.ts turns those back). A description is
// data, so a field is stated once (in layout.ts) and writer, readers and literals cannot drift apart.
//
// The reader trusts nothing: every read is bounds-checked, every count is limited by the bytes that remain (no list
// allocates more than its input could fill), numbers have one encoding, strings are strict UTF-8.
/* eslint-disable @typescript-eslint/no-explicit-any -- a description is interpreted; its type parameter is for callers */
import { utf8Into, utf8Length, utf8String } from "../runtime/utf8.js";
import { malformed, truncated } from "./errors.js";

/** The description of a value of type T; build one with the functions below. */
export interface Schema<T> {
  readonly kind: SchemaKind;
  /** list, ascending, optional: the element · union: unused. */
  readonly of?: Schema<any>;
  /** record: fields in order. */
  readonly fields?: Readonly<Record<string, Schema<any>>>;
  readonly names?: readonly string[];
  /** union: the cases by tag, numbered in order; choice: the strings in order. */
  readonly cases?: Readonly<Record<string, Schema<any>>>;
  readonly choices?: readonly string[];
  /** Only for the type checker: never present. */
  readonly valueType?: T;
}

export type SchemaKind =
  | "u32"
  | "s32"
  | "u53"
  | "bool"
  | "name"
  | "bytes"
  | "digest"
  | "choice"
  | "list"
  | "deltas"
  | "optional"
  | "record"
  | "union";

/** An unsigned integer in LEB128. */
export const u32: Schema<number> = { kind: "u32" };
/** A signed 32-bit integer in LEB128. */
export const s32: Schema<number> = { kind: "s32" };
/** An unsigned integer up to 2^53 in LEB128. */
export const u53: Schema<number> = { kind: "u53" };
export const bool: Schema<boolean> = { kind: "bool" };
/** A string as byte length and UTF-8. */
export const name: Schema<string> = { kind: "name" };
/** Bytes behind their length; read as a view of the input, not a copy. */
export const bytes: Schema<Uint8Array> = { kind: "bytes" };
/** A SHA-256 digest: 32 bytes, in memory 64 hex digits. */
export const digest: Schema<string> = { kind: "digest" };
/** Numbers, each written as its (signed) difference from the one before. */
export const deltas: Schema<readonly number[]> = { kind: "deltas" };

/* @__NO_SIDE_EFFECTS__ */ export function choice<T extends string>(choices: readonly T[]): Schema<T> {
  return { kind: "choice", choices };
}

/* @__NO_SIDE_EFFECTS__ */ export function list<T>(of: Schema<T>): Schema<readonly T[]> {
  return { kind: "list", of };
}

/** A value that may be absent; as a record's field it is then left out. */
/* @__NO_SIDE_EFFECTS__ */ export function optional<T>(of: Schema<T>): Schema<T> {
  return { kind: "optional", of };
}

/* @__NO_SIDE_EFFECTS__ */ export function record<T>(fields: {
  readonly [K in keyof T]-?: Schema<Exclude<T[K], undefined>>;
}): Schema<T> {
  return { kind: "record", fields, names: Object.keys(fields) };
}

/** Records told apart by their field `kind`, which no case lists. */
/* @__NO_SIDE_EFFECTS__ */ export function union<T extends { readonly kind: string }>(cases: {
  readonly [K in T["kind"]]: Schema<Omit<Extract<T, { readonly kind: K }>, "kind">>;
}): Schema<T> {
  return { kind: "union", cases };
}

/** Grows as it is written to. */
export class ByteWriter {
  private buffer: Uint8Array;
  length = 0;

  /** `buffer`: memory to write to as long as it suffices. */
  constructor(buffer: Uint8Array = new Uint8Array(1024)) {
    this.buffer = buffer;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = value;
  }

  u53(value: number): void {
    while (value > 0x7f) {
      this.byte((value % 128) | 0x80);
      value = Math.floor(value / 128);
    }
    this.byte(value);
  }

  s32(value: number): void {
    let rest = value;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  u32le(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes);
  }

  text(value: string): void {
    utf8Into(value, this.room(utf8Length(value)));
  }

  hex(digits: string): void {
    for (let i = 0; i < digits.length; i += 2) this.byte(parseInt(digits.slice(i, i + 2), 16));
  }

  finish(): Uint8Array {
    return this.written().slice();
  }

  /** What has been written, where it stands. */
  written(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private room(length: number): Uint8Array {
    if (this.length + length > this.buffer.length) this.grow(length);
    return this.buffer.subarray(this.length, (this.length += length));
  }

  private grow(by: number): void {
    const bigger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + by));
    bigger.set(this.buffer);
    this.buffer = bigger;
  }
}

/** Reads a section; `section` and the file offset go into every complaint. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly section: string;
  /** File offset of `bytes[0]`. */
  readonly base: number;
  pos = 0;

  constructor(bytes: Uint8Array, section: string, base: number) {
    this.bytes = bytes;
    this.section = section;
    this.base = base;
  }

  get offset(): number {
    return this.base + this.pos;
  }

  get remaining(): number {
    return this.bytes.length - this.pos;
  }

  byte(): number {
    if (this.pos >= this.bytes.length) throw truncated(this.section, this.offset, 1, 0);
    return this.bytes[this.pos++]!;
  }

  /** An unsigned LEB128 number up to `max` in its shortest form. */
  unsigned(max: number): number {
    const at = this.offset;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > max || (byte >= 0x80 && scale * 128 > max)) {
        throw malformed(this.section, at, `number is over ${max}`);
      }
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) throw malformed(this.section, at, "number not in its shortest form");
        return value;
      }
    }
  }

  /** A list of u32. Most are one byte, read here: when an artifact is loaded, nothing has been optimized yet. */
  numbers(): number[] {
    const items: number[] = new Array<number>(this.count());
    const { bytes } = this;
    for (let i = 0; i < items.length; i++) {
      const byte = bytes[this.pos]!;
      if (byte < 0x80) {
        this.pos++;
        items[i] = byte;
      } else items[i] = this.unsigned(0xffffffff);
    }
    return items;
  }

  /** A list of numbers as their (signed) differences; most are one byte, as above. */
  deltas(): number[] {
    const items: number[] = new Array<number>(this.count());
    const { bytes } = this;
    let previous = 0;
    for (let i = 0; i < items.length; i++) {
      const byte = bytes[this.pos]!;
      if (byte < 0x80) {
        this.pos++;
        previous = (previous + ((byte << 25) >> 25)) | 0;
      } else previous = (previous + this.s32()) | 0;
      items[i] = previous;
    }
    return items;
  }

  s32(): number {
    const at = this.offset;
    let value = 0;
    let before = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        // A last byte that only repeats the sign bit of the one before says nothing.
        if (shift > 0 && byte === ((before & 0x40) !== 0 ? 0x7f : 0)) {
          throw malformed(this.section, at, "number not in its shortest form");
        }
        if (shift < 28) return (value << (25 - shift)) >> (25 - shift);
        if (byte === (value < 0 ? 0x78 | (byte & 7) : byte & 7)) return value;
        break;
      }
      before = byte;
    }
    throw malformed(this.section, at, "signed number is over 32 bits");
  }

  u32le(): number {
    const chunk = this.raw(4);
    return (chunk[0]! | (chunk[1]! << 8) | (chunk[2]! << 16) | (chunk[3]! << 24)) >>> 0;
  }

  raw(length: number): Uint8Array {
    if (length > this.remaining) throw truncated(this.section, this.offset, length, this.remaining);
    this.pos += length;
    return this.bytes.subarray(this.pos - length, this.pos);
  }

  /** A count of things that each take at least one byte. */
  count(): number {
    const at = this.offset;
    const count = this.unsigned(0xffffffff);
    if (count > this.remaining) throw malformed(this.section, at, `count ${count} with ${this.remaining} bytes left`);
    return count;
  }

  end(): void {
    if (this.remaining > 0) throw malformed(this.section, this.offset, `${this.remaining} bytes after the end`);
  }
}

const HEX = "0123456789abcdef";

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i]! >> 4]! + HEX[bytes[i]! & 15]!;
  return text;
}

/** Writes `value` as its schema says. */
export function write<T>(schema: Schema<T>, value: T, out: ByteWriter): void {
  writeAny(schema, value, out);
}

function writeAny(schema: Schema<any>, value: any, out: ByteWriter): void {
  switch (schema.kind) {
    case "u32":
    case "u53":
      if (!(value >= 0 && value <= 2 ** 53 && Number.isInteger(value)))
        throw new Error(`BUG: ${value} written as ${schema.kind}`);
      return out.u53(value);
    case "s32":
      if (value !== (value | 0)) throw new Error(`BUG: ${value} written as s32`);
      return out.s32(value);
    case "bool":
      return out.byte(value ? 1 : 0);
    case "name":
      out.u53(utf8Length(value));
      return out.text(value);
    case "bytes":
      out.u53(value.length);
      return out.raw(value);
    case "digest":
      if (value.length !== 64) throw new Error("BUG: digest of the wrong length");
      return out.hex(value);
    case "choice": {
      const index = schema.choices!.indexOf(value);
      if (index < 0) throw new Error(`BUG: ${value} is none of ${schema.choices}`);
      return out.byte(index);
    }
    case "list":
      out.u53(value.length);
      for (const element of value) writeAny(schema.of!, element, out);
      return;
    case "deltas": {
      out.u53(value.length);
      let previous = 0;
      for (let i = 0; i < value.length; i++) {
        out.s32((value[i] - previous) | 0);
        previous = value[i];
      }
      return;
    }
    case "optional":
      out.byte(value === undefined ? 0 : 1);
      if (value !== undefined) writeAny(schema.of!, value, out);
      return;
    case "record":
      for (const field of schema.names!) writeAny(schema.fields![field]!, value[field], out);
      return;
    case "union": {
      const tag = Object.keys(schema.cases!).indexOf(value.kind);
      out.byte(tag);
      return writeAny(schema.cases![value.kind]!, value, out);
    }
  }
}

/** Reads a value; throws ArtifactError for anything that `write` would not have written. */
export function read<T>(schema: Schema<T>, input: ByteReader): T {
  return readAny(schema, input);
}

function readAny(schema: Schema<any>, input: ByteReader): any {
  switch (schema.kind) {
    case "u32":
      return input.unsigned(0xffffffff);
    case "u53":
      return input.unsigned(2 ** 53);
    case "s32":
      return input.s32();
    case "bool":
      return readTag(input, 2, "flag") === 1;
    case "name": {
      const at = input.offset;
      const text = utf8String(input.raw(input.count()));
      if (text === undefined) throw malformed(input.section, at, "string is not UTF-8");
      return text;
    }
    case "bytes":
      return input.raw(input.count());
    case "digest":
      return toHex(input.raw(32));
    case "choice":
      return schema.choices![readTag(input, schema.choices!.length, "choice")];
    case "list": {
      // FAST: long lists are lists of numbers.
      if (schema.of === u32) return input.numbers();
      const items: unknown[] = new Array(input.count());
      for (let i = 0; i < items.length; i++) items[i] = readAny(schema.of!, input);
      return items;
    }
    case "deltas":
      return input.deltas();
    case "optional":
      return readTag(input, 2, "flag") === 1 ? readAny(schema.of!, input) : undefined;
    case "record": {
      const value: any = {};
      const { fields, names } = schema;
      for (let i = 0; i < names!.length; i++) {
        const item = readAny(fields![names![i]!]!, input);
        if (item !== undefined) value[names![i]!] = item;
      }
      return value;
    }
    case "union": {
      const kinds = Object.keys(schema.cases!);
      const kind = kinds[readTag(input, kinds.length, "kind")]!;
      return { kind, ...readAny(schema.cases![kind]!, input) };
    }
  }
}

function readTag(input: ByteReader, count: number, what: string): number {
  const at = input.offset;
  const tag = input.byte();
  if (tag >= count) throw malformed(input.section, at, `unknown ${what} ${tag}, expected below ${count}`);
  return tag;
}
