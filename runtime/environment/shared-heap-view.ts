// What generated code uses as the view of a memory to which a shared heap is attached: below the heap's addresses it is the
// memory's view, from there on it is the heap's. Only the methods that generated code calls are here; a test compares them with
// what the compiler emits. An access that is in neither is out of bounds in one of them, and so is one that begins in one
// and ends in another.
//
// FAST: a subclass with a method for each access, and `super` for the common case: an access takes 2 to 5 ns on V8 where a plain view
// takes 0.5 to 1, and 70 ns on JavaScriptCore (test/bench/questions/shared-heap.js). Memories without a shared heap pay nothing.
import type { Stretch } from "../instance/memory-storage.js";

interface Part {
  readonly start: number;
  readonly end: number;
  readonly view: DataView;
}

// Its declaration is generic, which a class cannot extend with any buffer.
const View = DataView as new (buffer: ArrayBufferLike, offset: number, length: number) => DataView;

/** @internal */
export class SharedHeapView extends View {
  private readonly low: number;
  private readonly parts: readonly Part[];
  /** The part that was used last. */
  private part: Part;

  /** `regions`: lowest address first. */
  constructor({ buffer, byteOffset, byteLength }: DataView, regions: readonly Stretch[]) {
    super(buffer, byteOffset, byteLength);
    this.parts = regions.map(({ start, bytes }) => ({
      start,
      end: start + bytes.length,
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    }));
    this.part = this.parts[0]!;
    this.low = this.part.start;
  }

  // Of an address that is in no part any will do: it is out of bounds of it.
  private at(p: number): Part {
    if (p < this.part.start || p >= this.part.end) {
      for (const part of this.parts) if (p >= part.start && p < part.end) this.part = part;
    }
    return this.part;
  }

  override getInt8(p: number): number {
    return p < this.low ? super.getInt8(p) : this.at(p).view.getInt8(p - this.part.start);
  }
  override getUint8(p: number): number {
    return p < this.low ? super.getUint8(p) : this.at(p).view.getUint8(p - this.part.start);
  }
  override getInt16(p: number, little: boolean): number {
    return p < this.low ? super.getInt16(p, little) : this.at(p).view.getInt16(p - this.part.start, little);
  }
  override getUint16(p: number, little: boolean): number {
    return p < this.low ? super.getUint16(p, little) : this.at(p).view.getUint16(p - this.part.start, little);
  }
  override getInt32(p: number, little: boolean): number {
    return p < this.low ? super.getInt32(p, little) : this.at(p).view.getInt32(p - this.part.start, little);
  }
  override getUint32(p: number, little: boolean): number {
    return p < this.low ? super.getUint32(p, little) : this.at(p).view.getUint32(p - this.part.start, little);
  }
  override getFloat32(p: number, little: boolean): number {
    return p < this.low ? super.getFloat32(p, little) : this.at(p).view.getFloat32(p - this.part.start, little);
  }
  override getFloat64(p: number, little: boolean): number {
    return p < this.low ? super.getFloat64(p, little) : this.at(p).view.getFloat64(p - this.part.start, little);
  }
  override getBigInt64(p: number, little: boolean): bigint {
    return p < this.low ? super.getBigInt64(p, little) : this.at(p).view.getBigInt64(p - this.part.start, little);
  }
  override getBigUint64(p: number, little: boolean): bigint {
    return p < this.low ? super.getBigUint64(p, little) : this.at(p).view.getBigUint64(p - this.part.start, little);
  }

  override setInt8(p: number, value: number): void {
    if (p < this.low) super.setInt8(p, value);
    else this.at(p).view.setInt8(p - this.part.start, value);
  }
  override setInt16(p: number, value: number, little: boolean): void {
    if (p < this.low) super.setInt16(p, value, little);
    else this.at(p).view.setInt16(p - this.part.start, value, little);
  }
  override setInt32(p: number, value: number, little: boolean): void {
    if (p < this.low) super.setInt32(p, value, little);
    else this.at(p).view.setInt32(p - this.part.start, value, little);
  }
  override setFloat32(p: number, value: number, little: boolean): void {
    if (p < this.low) super.setFloat32(p, value, little);
    else this.at(p).view.setFloat32(p - this.part.start, value, little);
  }
  override setFloat64(p: number, value: number, little: boolean): void {
    if (p < this.low) super.setFloat64(p, value, little);
    else this.at(p).view.setFloat64(p - this.part.start, value, little);
  }
  override setBigInt64(p: number, value: bigint, little: boolean): void {
    if (p < this.low) super.setBigInt64(p, value, little);
    else this.at(p).view.setBigInt64(p - this.part.start, value, little);
  }
  override setBigUint64(p: number, value: bigint, little: boolean): void {
    if (p < this.low) super.setBigUint64(p, value, little);
    else this.at(p).view.setBigUint64(p - this.part.start, value, little);
  }
}
