// Adds up outcomes, applies the list of expectations, and prints: failures as they come, skips by reason at the end,
// and the last line that scripts read.
import type { Outcome } from "./outcome.js";

export class Count {
  passed = 0;
  failed = 0;
  skipped = 0;

  add(other: Count): void {
    this.passed += other.passed;
    this.failed += other.failed;
    this.skipped += other.skipped;
  }

  get line(): string {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}

export class Tally {
  readonly count = new Count();
  readonly skipReasons = new Map<string, number>();

  private readonly expected: (file: string) => Map<number, string>;
  private readonly verbose: boolean;
  private readonly print: (line: string) => void;

  constructor(expected: (file: string) => Map<number, string>, verbose: boolean, print: (line: string) => void) {
    this.expected = expected;
    this.verbose = verbose;
    this.print = print;
  }

  /** Adds the outcomes of one script. Several commands may share a line: one that fails is enough for its expectation. */
  add(file: string, outcomes: readonly Outcome[], ms: number): void {
    const expected = this.expected(file);
    const met = new Set<number>();
    const failedBefore = this.count.failed;
    for (const outcome of outcomes) {
      if (outcome.failed !== undefined && expected.has(outcome.line)) {
        met.add(outcome.line);
        this.skip(file, outcome, `listed in expectations: ${expected.get(outcome.line)}`);
      } else if (outcome.failed !== undefined) {
        this.count.failed++;
        this.print(`FAILED ${file}:${outcome.line} ${outcome.type}: ${outcome.failed}`);
      } else if (outcome.skipped !== undefined) {
        this.skip(file, outcome, outcome.skipped);
      } else {
        this.count.passed++;
      }
    }
    for (const line of expected.keys()) {
      if (met.has(line)) continue;
      this.count.failed++;
      this.print(`FAILED ${file}:${line}: listed in expectations as failing, but it did not fail: remove the entry`);
    }
    if (this.verbose)
      this.print(
        `${this.count.failed === failedBefore ? "ok" : "not ok"} ${file} (${outcomes.length} commands, ${ms} ms)`,
      );
  }

  /** Why commands were skipped. */
  reasons(): string[] {
    const reasons = [...this.skipReasons].sort((a, b) => b[1] - a[1]);
    return reasons.map(([reason, count]) => `skipped ${count}: ${reason}`);
  }

  private skip(file: string, outcome: Outcome, reason: string): void {
    this.count.skipped++;
    this.skipReasons.set(reason, (this.skipReasons.get(reason) ?? 0) + 1);
    if (this.verbose) this.print(`skipped ${file}:${outcome.line} ${outcome.type}: ${reason}`);
  }
}
