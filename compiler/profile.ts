// Which functions a program was seen to run, so that they share pages: a page is verified, compiled and linked as a whole, when
// the first of its functions is called. Recorded by `wamrc-ts run --record-profile`, with one function to a page; used by
// `compile --profile`. A wrong profile makes a start slower, never a result wrong.
import { CompileError } from "./errors.js";

export interface Profile {
  /** SHA-256 of the module, in hexadecimal. */
  readonly source: string;
  /** Function indices, in the order in which they shall lie. */
  readonly functions: readonly number[];
}

/** First line of a profile's text, so that a file that is none is told. */
const TITLE = "wamrc-ts profile 2";

export function formatProfile({ source, functions }: Profile): string {
  return `${TITLE}\nsource ${source}\n${functions.join("\n")}\n`;
}

/** Undefined where the text is not a profile. */
export function parseProfile(text: string): Profile | undefined {
  const [title, source, ...rest] = text.trimEnd().split("\n");
  const digest = /^source ([0-9a-f]{64})$/.exec(source ?? "")?.[1];
  if (title !== TITLE || digest === undefined) return undefined;
  if (!rest.every((line) => /^\d{1,9}$/.test(line))) return undefined;
  return { source: digest, functions: rest.map(Number) };
}

/** Throws CompileError where a profile was recorded of another module. */
export function checkProfile(profile: Profile, source: { readonly digest: string }): void {
  if (source.digest === profile.source) return;
  throw new CompileError("profile-mismatch", "profile was recorded with another module: record it again");
}

/** Functions in the groups that do not share pages: those of the profile, and the others. */
export function groupByProfile<F extends { readonly index: number }>(
  functions: readonly F[],
  profile: Profile | undefined,
): readonly (readonly F[])[] {
  if (profile === undefined) return [functions];
  const byIndex = new Map(functions.map((f) => [f.index, f]));
  const first = new Set<F>();
  for (const index of profile.functions) {
    const f = byIndex.get(index);
    if (f !== undefined) first.add(f);
  }
  return [[...first], functions.filter((f) => !first.has(f))];
}
