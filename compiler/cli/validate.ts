// `wamrc-ts validate`: decodes and validates each file, one line for each.
import { decode } from "../../runtime/wasm/decode.js";
import { validate } from "../../runtime/wasm/validate.js";
import { EXIT } from "./exit-codes.js";
import { asFailure, Failure, report } from "./failure.js";
import { readFeatures, readModule } from "./module.js";
import type { Invocation } from "./parse.js";
import { formatBytes, paint, plural } from "./terminal.js";

/** The first failure decides the exit code; the files after it are checked all the same. */
export async function validateCommand({ positionals, switches, lists }: Invocation): Promise<number> {
  const features = readFeatures(lists.get("features"));
  let exitCode: number = EXIT.ok[0];
  for (const path of positionals) {
    try {
      const bytes = await readModule(path);
      const module = decode(bytes, { features });
      validate(module, { features });
      if (!switches.has("quiet")) {
        console.log(
          `${path}: ${paint("green", "valid")}, ${formatBytes(bytes.length)}, ${plural(module.code.length, "function")}`,
        );
      }
    } catch (error) {
      const failure = asFailure(error, path);
      if (!(failure instanceof Failure)) throw error;
      const code = report(failure);
      exitCode = exitCode === EXIT.ok[0] ? code : exitCode;
    }
  }
  return exitCode;
}
