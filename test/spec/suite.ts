// The suite on disk: where it is, which files a command line selects, and the shape of a script's commands.
// The format is that of wast2json with modules inside (base64) and all numbers as unsigned decimal bit patterns.
import fs from "node:fs";
import path from "node:path";

export interface ScriptValue {
  readonly type: string;
  readonly value?: string | readonly string[];
  readonly lane_type?: string;
  readonly values?: readonly ScriptValue[];
}

export interface Action {
  readonly type: "invoke" | "get";
  readonly module?: string;
  readonly field: string;
  readonly args?: readonly ScriptValue[];
}

export interface Command {
  readonly type: string;
  readonly line: number;
  readonly name?: string;
  readonly as?: string;
  readonly instance?: string;
  readonly module?: string;
  readonly module_type?: "binary" | "text";
  readonly binary?: string;
  readonly features?: readonly string[];
  /** Why the assertion no longer holds. */
  readonly outdated?: string;
  readonly action?: Action;
  readonly expected?: readonly ScriptValue[];
  readonly text?: string;
}

export interface Script {
  /** "<group>/<file>" without extension. */
  readonly name: string;
  readonly commands: readonly Command[];
}

export class SuiteError extends Error {}

/** Files of the suite selected by groups ("core"), files ("core/i32", "i32") or nothing (all), in a fixed order. */
export function selectFiles(suite: string, selectors: readonly string[]): string[] {
  if (!fs.existsSync(path.join(suite, "index.json"))) {
    throw new SuiteError(
      `no specification suite in ${path.resolve(suite)} (expected an index.json there); name its folder with --suite DIR`,
    );
  }
  const index = JSON.parse(fs.readFileSync(path.join(suite, "index.json"), "utf8")) as readonly {
    readonly file: string;
  }[];
  const files = index.map((entry) => entry.file.replace(/\.json$/, ""));
  if (selectors.length === 0) return files;
  const chosen = new Set<string>();
  for (const selector of selectors) {
    const wanted = selector.replace(/\.json$/, "").replace(/\/$/, "");
    const found = files.filter(
      (file) => file === wanted || file.startsWith(`${wanted}/`) || file.endsWith(`/${wanted}`),
    );
    if (found.length === 0)
      throw new SuiteError(`no group or file "${selector}" in the suite at ${path.resolve(suite)}`);
    for (const file of found) chosen.add(file);
  }
  return files.filter((file) => chosen.has(file));
}

export function readScript(suite: string, name: string): Script {
  const json = JSON.parse(fs.readFileSync(path.join(suite, `${name}.json`), "utf8")) as {
    readonly commands: readonly Command[];
  };
  return { name, commands: json.commands };
}

export function groupOf({ name }: Script): string {
  return name.split("/")[0]!;
}
