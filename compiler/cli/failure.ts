// What a person reads when something goes wrong: one line with the place and the remedy, and the exit code that scripts
// test. Errors of the libraries are recognised by name, so that running an artifact loads no class of the compiler.
import type { MemoryError } from "../../runtime/memory/errors.js";
import { EXIT, type ExitReason } from "./exit-codes.js";
import { paint } from "./terminal.js";

/** A failure the command line itself found; the message is complete as it stands. */
export class Failure extends Error {
  readonly reason: ExitReason;

  constructor(reason: ExitReason, message: string) {
    super(message);
    this.name = "Failure";
    this.reason = reason;
  }
}

const REASONS: Readonly<Record<string, ExitReason>> = {
  DecodeError: "invalid",
  ValidationError: "invalid",
  CompileError: "unsupported",
  ArtifactError: "artifact",
  LinkError: "link",
};

/** What a library raised about `subject`, a file, as a failure; anything else, a bug among them, as it is. */
export function asFailure(error: unknown, subject: string): unknown {
  if (error instanceof Error && error.name === "MemoryError") {
    // Its remedy is for programs; users have another one.
    const { wanted, item, category, owner, largestFree } = error as MemoryError;
    const left = largestFree === undefined ? "the engine refused" : `the largest free block has ${largestFree}`;
    const what = `${wanted} bytes for ${item} of ${category} "${owner}"`;
    return new Failure("memory", `${subject}: out of memory: ${what}, ${left}; give --pool more`);
  }
  const reason = error instanceof Error ? REASONS[error.name] : undefined;
  return reason === undefined ? error : new Failure(reason, `${subject}: ${(error as Error).message}`);
}

/** The last line of a command that failed, and its exit code. */
export function report(error: unknown): number {
  const reason = error instanceof Failure ? error.reason : "bug";
  const text = error instanceof Failure ? error.message : `internal error, please report it: ${describeBug(error)}`;
  console.error(`${paint("red", "error:", process.stderr)} ${text}`);
  return EXIT[reason][0];
}

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The system's reason in a few words: `no such file or directory`. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    EPERM: "operation not permitted",
    EISDIR: "is a directory",
    ENOTDIR: "a part of the path is not a directory",
    ENOSPC: "no space left on the device",
    EROFS: "read-only file system",
    ELOOP: "too many symbolic links",
    ENAMETOOLONG: "name too long",
    EMFILE: "too many open files",
  };
  return (code === undefined ? undefined : known[code]) ?? message;
}
