// Commands that are known to fail, each with its reason. A listed command that fails counts as skipped with that
// reason; a listed command that does not fail fails the run, so that the list can only shrink to the truth.
// Where an engine cannot keep a NaN's bits, the assertion is listed here by that engine's mode.

export interface Expectation {
  /** "<group>/<file>" of the suite. */
  readonly file: string;
  /** The line of the command in the .wast, as the report prints it. */
  readonly line: number;
  /** Modes this entry speaks of; every mode when absent. */
  readonly modes?: readonly string[];
  readonly reason: string;
}

export const EXPECTATIONS: readonly Expectation[] = [];

export function expectationsFor(file: string, mode: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const entry of EXPECTATIONS) {
    if (entry.file === file && (entry.modes === undefined || entry.modes.includes(mode)))
      found.set(entry.line, entry.reason);
  }
  return found;
}
