// Bounds of memories and tables: reading them from a JavaScript descriptor, and matching them at link time.
import type { Limits } from "../wasm/types.js";

export interface LimitsDescriptor {
  readonly initial: number;
  readonly maximum?: number | undefined;
}

/** An integer of the JS API's `[EnforceRange] unsigned long`. @internal */
export function toIndex(value: unknown, what: string): number {
  const index = Math.trunc(Number(value));
  if (!(index >= 0 && index <= 4294967295)) {
    throw new TypeError(`${what}: expected an integer from 0 to 4294967295, got ${String(value)}`);
  }
  return index;
}

/** Checks a descriptor as the JS API does. @internal */
export function limitsOf(
  descriptor: LimitsDescriptor,
  what: string,
  most: number,
): { initial: number; maximum: number | undefined } {
  if (descriptor === null || typeof descriptor !== "object") {
    throw new TypeError(`${what}: expected a descriptor such as { initial: 1 }, got ${String(descriptor)}`);
  }
  const initial = toIndex(descriptor.initial, `${what}: initial`);
  const maximum = descriptor.maximum === undefined ? undefined : toIndex(descriptor.maximum, `${what}: maximum`);
  if (initial > most || (maximum !== undefined && maximum > most)) {
    throw new RangeError(`${what}: size must be at most ${most}`);
  }
  if (maximum !== undefined && maximum < initial) {
    throw new RangeError(`${what}: maximum ${maximum} is less than initial ${initial}`);
  }
  return { initial, maximum };
}

/** Whether something of `size` with declared `maximum` may be imported where `wanted` is asked for. @internal */
export function limitsMatch(size: number, maximum: number | undefined, wanted: Limits): boolean {
  return size >= wanted.min && (wanted.max === undefined || (maximum !== undefined && maximum <= wanted.max));
}

/** `min 1, max 2`, for messages. @internal */
export function describeLimits(min: number, max: number | undefined): string {
  return max === undefined ? `min ${min}` : `min ${min}, max ${max}`;
}
