// How a command of a script came out, in the run itself and on the way there.
import { messageOf, type Failure, type Host } from "../support/engine.js";
import type { Command } from "./suite.js";

export interface Outcome {
  readonly line: number;
  readonly type: string;
  /** Failure message, or the reason of a skip; absent when passed. */
  readonly failed?: string;
  readonly skipped?: string;
}

/** What cannot be told, with the reason as message. */
export class Skip extends Error {
  constructor(reason: string) {
    super(reason);
    // A subclass of Error that is down-levelled to ES5 is otherwise a plain Error.
    Object.setPrototypeOf(this, Skip.prototype);
  }
}

/** A value, or why there is none. */
export type Slot<T> = { readonly value: T } | { readonly skipped: string } | { readonly failed: string };

export function valueOf<T>(slot: Slot<T>): T {
  if ("skipped" in slot) throw new Skip(slot.skipped);
  if ("failed" in slot) throw new Error(slot.failed);
  return slot.value;
}

/** Does something for a command, and tells how that came out. */
export function outcomeOf({ line, type }: Pick<Command, "line" | "type">, act: () => void): Outcome {
  try {
    act();
    return { line, type };
  } catch (error) {
    return { line, type, ...reasonOf(error) };
  }
}

export function skipped({ line, type }: Pick<Command, "line" | "type">, reason: string): Outcome {
  return { line, type, skipped: reason };
}

export function reasonOf(error: unknown): { skipped: string } | { failed: string } {
  return error instanceof Skip ? { skipped: error.message } : { failed: messageOf(error) };
}

/** Throws unless an error is what a script expects: of one of the kinds, with a message that begins so. */
export function checkFailure(
  host: Pick<Host, "failureOf" | "specMessages">,
  error: unknown,
  kinds: readonly Failure[],
  text: string | undefined,
): void {
  const kind = host.failureOf(error);
  const message = messageOf(error);
  if (kinds.indexOf(kind) < 0) throw new Error(`expected ${wanted(kinds, text)}, got ${kind}: ${message}`);
  // Some scripts append an element's index to the message; ours say it in their own words after the same beginning.
  const wording = text?.replace(/ \d+$/, "");
  if (wording !== undefined && host.specMessages && message.slice(0, wording.length) !== wording) {
    throw new Error(`expected the message to begin "${wording}", got "${message}"`);
  }
}

export function nothingFailed(kinds: readonly Failure[], text: string | undefined): Error {
  return new Error(`expected ${wanted(kinds, text)}, but nothing failed`);
}

function wanted(kinds: readonly string[], text: string | undefined): string {
  return `${kinds.join(" or ")}${text === undefined ? "" : ` "${text}"`}`;
}
