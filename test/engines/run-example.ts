// Runs an example as a user would, by its command, and tells when it found no engine.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");

export interface ExampleRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Exit code of examples whose engine is not installed; stderr says which package brings it. */
export const NOT_INSTALLED = 69;

export function runExample(script: string, args: readonly string[] = [], input: string | Uint8Array = ""): ExampleRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "examples", script), ...args], {
    cwd: ROOT,
    input,
    encoding: "utf8",
    timeout: 900_000,
  });
  return { status, stdout, stderr };
}
