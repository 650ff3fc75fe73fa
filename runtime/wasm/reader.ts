// Reads the primitive encodings: bytes, LEB128 integers, floats as bits, names. A reader is a position in a byte range;
// nothing here allocates but `name`. Integers longer than 32 bits come back as an int32 low half with the other in `high`.
// https://webassembly.github.io/spec/core/binary/values.html
import {
  illegalOpcode,
  integerTooLarge,
  integerTooLong,
  lengthOutOfBounds,
  malformedUtf8,
  unexpectedEnd,
} from "./errors.js";
import { isPrefix, opcodeOf } from "./opcodes.js";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  pos: number;
  end: number;
  /** High half of the last 64-bit (or 33-bit) integer read. */
  high = 0;

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  byte(): number {
    if (this.pos >= this.end) throw unexpectedEnd(this.pos);
    return this.bytes[this.pos++]!;
  }

  u32(): number {
    // FAST: nearly every integer in a code section is one byte long (test/bench/validate.ts).
    if (this.pos < this.end) {
      const b = this.bytes[this.pos]!;
      if (b < 0x80) {
        this.pos++;
        return b;
      }
    }
    return this.longU32();
  }

  s32(): number {
    if (this.pos < this.end) {
      const b = this.bytes[this.pos]!;
      if (b < 0x80) {
        this.pos++;
        return (b << 25) >> 25;
      }
    }
    return this.longS32();
  }

  /** Low half; `high` is its sign. A block type or heap type index is valid iff `high` is 0. */
  s33(): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const b = this.next();
      low |= (b & 0x7f) << shift;
      if (b < 0x80) {
        low = (low << (25 - shift)) >> (25 - shift);
        this.high = low >> 31;
        return low;
      }
    }
    const b = this.next();
    if (b >= 0x80) throw integerTooLong(this.pos - 1);
    const rest = (b << 27) >> 27; // bits 28 … 32 of the number; the remaining two bits repeat the sign
    if ((b & 0x70) !== 0 && (b & 0x70) !== 0x70) throw integerTooLarge(this.pos - 1);
    this.high = rest >> 4;
    return low | (b << 28);
  }

  u64(): number {
    const low = this.low28();
    if (this.done) {
      this.high = 0;
      return low;
    }
    return this.rest64(low, false);
  }

  s64(): number {
    if (this.pos < this.end) {
      const b = this.bytes[this.pos]!;
      if (b < 0x80) {
        this.pos++;
        const value = (b << 25) >> 25;
        this.high = value >> 31;
        return value;
      }
    }
    const start = this.pos;
    const low = this.low28();
    if (this.done) {
      const unused = 32 - 7 * (this.pos - start);
      const value = (low << unused) >> unused;
      this.high = value >> 31;
      return value;
    }
    return this.rest64(low, true);
  }

  f32bits(): number {
    const { bytes, pos } = this;
    if (pos + 4 > this.end) throw unexpectedEnd(this.end);
    this.pos = pos + 4;
    return bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
  }

  /** Low half of the bits; the high half is in `high`. */
  f64bits(): number {
    if (this.pos + 8 > this.end) throw unexpectedEnd(this.end);
    const low = this.f32bits();
    this.high = this.f32bits();
    return low;
  }

  skip(count: number): void {
    if (count > this.end - this.pos) throw unexpectedEnd(this.end);
    this.pos += count;
  }

  /** The count of a vector. It cannot exceed the bytes left, since every item takes at least one. */
  count(): number {
    const at = this.pos;
    const value = this.u32();
    // The bytes of the count itself are included, as in the reference interpreter: one item too many is an unexpected end.
    if (value > this.end - at) throw lengthOutOfBounds(value, this.end - this.pos, at);
    return value;
  }

  /** A length in bytes, all of which are there. */
  size(): number {
    const at = this.pos;
    const value = this.u32();
    if (value > this.end - this.pos)
      throw value > this.end - at ? lengthOutOfBounds(value, this.end - this.pos, at) : unexpectedEnd(this.end);
    return value;
  }

  name(): string {
    const at = this.pos;
    const length = this.size();
    const start = this.pos;
    this.pos += length;
    // Short ASCII names, nearly all there are, are not worth a call out of JavaScript.
    if (length < 24) {
      let text = "";
      let i = start;
      for (; i < this.pos && this.bytes[i]! < 0x80; i++) text += String.fromCharCode(this.bytes[i]!);
      if (i === this.pos) return text;
    }
    try {
      return UTF8.decode(this.bytes.subarray(start, this.pos));
    } catch {
      throw malformedUtf8(at);
    }
  }

  /** The next opcode as `Op` numbers it. The number may still be no instruction; a prefix byte never comes back alone. */
  opcode(): number {
    const byte = this.byte();
    if (!isPrefix(byte)) return byte;
    const at = this.pos - 1;
    const sub = this.u32();
    if (sub > 0xffff) throw illegalOpcode(byte, sub, at);
    return opcodeOf(byte, sub);
  }

  // Set by low28: the integer ended within its first four bytes.
  private done = false;

  private next(): number {
    if (this.pos >= this.end) throw unexpectedEnd(this.pos);
    return this.bytes[this.pos++]!;
  }

  /** The first 28 bits of an integer, from up to four bytes. */
  private low28(): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const b = this.next();
      low |= (b & 0x7f) << shift;
      if (b < 0x80) {
        this.done = true;
        return low;
      }
    }
    this.done = false;
    return low;
  }

  private longU32(): number {
    const low = this.low28();
    if (this.done) return low;
    const b = this.next();
    if (b >= 0x80) throw integerTooLong(this.pos - 1);
    if (b > 0x0f) throw integerTooLarge(this.pos - 1);
    return (low | (b << 28)) >>> 0;
  }

  private longS32(): number {
    const start = this.pos;
    const low = this.low28();
    if (this.done) {
      const unused = 32 - 7 * (this.pos - start);
      return (low << unused) >> unused;
    }
    const b = this.next();
    if (b >= 0x80) throw integerTooLong(this.pos - 1);
    if ((b & 0x78) !== 0 && (b & 0x78) !== 0x78) throw integerTooLarge(this.pos - 1);
    return low | (b << 28);
  }

  /** Bytes five to ten of a 64-bit integer; byte five straddles the halves. */
  private rest64(low28: number, signed: boolean): number {
    let b = this.next();
    const low = low28 | (b << 28);
    let high = (b & 0x7f) >> 4;
    let shift = 3;
    while (b >= 0x80) {
      b = this.next();
      if (shift === 31) {
        // Byte ten holds bit 63 alone; in a signed integer its other bits repeat that bit.
        if (b >= 0x80) throw integerTooLong(this.pos - 1);
        if (b !== 0 && b !== (signed ? 0x7f : 1)) throw integerTooLarge(this.pos - 1);
        this.high = high | (b << 31);
        return low;
      }
      high |= (b & 0x7f) << shift;
      shift += 7;
    }
    if (signed && shift < 32) high = (high << (32 - shift)) >> (32 - shift);
    this.high = high;
    return low;
  }
}
