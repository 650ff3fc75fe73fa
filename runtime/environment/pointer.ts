// What a native function gets for a `*` of its signature: memory of the guest, checked, for the time of the call. A plain view
// would go stale when the memory grows during the call; in a pool it would then show somebody else's bytes. So the views are
// made when asked for, and again when the memory has moved since.
import { LifetimeError } from "../memory/errors.js";
import { Trap } from "../errors.js";
import { TrapCode } from "../trap-code.js";
import type { AddressSpace } from "./address-space.js";

/** Whether the call that pointers were made for is still under way. @internal */
export interface PointerScope {
  open: boolean;
}

/** Memory of the guest that a native function may use until it returns. */
export class Pointer {
  /** The guest's address. */
  readonly address: number;
  /** Bytes that may be used: what the `~` behind the `*` said, else all to the end of the memory (1 at least). */
  readonly length: number;
  private readonly space: AddressSpace;
  private readonly scope: PointerScope;

  /** @internal */
  constructor(space: AddressSpace, scope: PointerScope, address: number, length: number) {
    this.space = space;
    this.scope = scope;
    this.address = address;
    this.length = length;
  }

  /** The bytes. Ask again after anything that may have run code of the guest: its memory may have moved. */
  get bytes(): Uint8Array {
    if (!this.scope.open)
      throw new LifetimeError("disposed", "a pointer is valid only until the native function returns");
    return this.space.bytes(this.address, this.length);
  }

  /** The bytes as a DataView, for the fields of a structure. As with `bytes`, ask again. */
  get view(): DataView {
    const { buffer, byteOffset, length } = this.bytes;
    return new DataView(buffer, byteOffset, length);
  }

  /** The `length` bytes from `offset` on, for a structure whose address came without its size. Throws Trap where they are not all there. */
  range(offset: number, length: number): Pointer {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.length)) {
      const beyond = `${length} bytes at offset ${offset} of ${this.length} at 0x${this.address.toString(16)}`;
      throw new Trap(TrapCode.outOfBoundsMemoryAccess, beyond);
    }
    return new Pointer(this.space, this.scope, this.address + offset, length);
  }
}
