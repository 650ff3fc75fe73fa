// Reading inputs and writing outputs. An output is written whole or not at all: to a temporary name beside it, then
// renamed. The check that it may be written comes before the long work, not after.
import { randomBytes } from "node:crypto";
import { closeSync, constants, existsSync, openSync, readFileSync, readSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Failure, systemReason } from "./failure.js";

/**
 * Synchronous: nothing else could happen meanwhile, and it starts a run sooner. What is in a file comes in shared memory, so
 * that compiling threads need no copy.
 */
export function readInput(path: string): Uint8Array {
  return reading(path, () => {
    const { size } = statSync(path);
    // What is no file, and what the system makes up as it is read, has no size.
    return size === 0 ? readFileSync(path) : readShared(path, size);
  });
}

/** What `read` reads of a file; tells why it cannot. */
export function reading<R>(path: string, read: () => R): R {
  try {
    return read();
  } catch (error) {
    throw new Failure("noInput", `${path}: cannot be read: ${systemReason(error)}`);
  }
}

function readShared(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(size));
  const fd = openSync(path, "r");
  try {
    let length = 0;
    while (length < size) {
      const count = readSync(fd, bytes, length, size - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/** Where an output goes, links resolved; `replaceable` is false for devices and pipes, which are written in place. */
export interface Output {
  readonly path: string;
  readonly target: string;
  readonly replaceable: boolean;
}

/** Refuses an output that is the input (by whatever name), a folder, or in a place that cannot be written. */
export async function planOutput(path: string, input: string): Promise<Output> {
  const { default: fs } = await import("fs-extra");
  const target = await fs.realpath(path).catch(() => path);
  try {
    const existing = statSync(target, { throwIfNoEntry: false });
    if (existing?.isDirectory()) {
      const suggestion = join(path, `${basename(input).replace(/\.(wasm|wat)$/, "")}.aot`);
      throw new Failure("cannotCreate", `${path}: is a folder; name a file in it, such as ${suggestion}`);
    }
    const source = statSync(input, { throwIfNoEntry: false });
    if (existing && source && existing.ino === source.ino && existing.dev === source.dev) {
      throw new Failure("cannotCreate", `${path}: is the input itself; choose another output`);
    }
    if (existing) await fs.access(target, constants.W_OK);
    const replaceable = existing === undefined || existing.isFile();
    // Missing folders are made when there is something to write; until then the nearest one that exists must allow it.
    let folder = dirname(resolve(target));
    while (!existsSync(folder)) folder = dirname(folder);
    if (replaceable) await fs.access(folder, constants.W_OK);
    return { path, target, replaceable };
  } catch (error) {
    throw error instanceof Failure ? error : cannotWrite(path, error);
  }
}

export function cannotWrite(path: string, error: unknown): Failure {
  return new Failure("cannotCreate", `${path}: cannot be written: ${systemReason(error)}`);
}

// One by one: Node's recursive mkdir never returns where a file system refuses new folders with ENOENT, as /proc does.
async function makeFolders(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeFolders(dirname(folder));
  const { default: fs } = await import("fs-extra");
  await fs.mkdir(folder);
}

/** A name beside an output for what is not to stay. */
export function temporaryName({ target }: Output): string {
  return join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
}

export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** The contents come in parts that follow each other; each is done with before the next is asked for. */
export async function writeOutput(output: Output, parts: Iterable<Uint8Array>): Promise<void> {
  const { default: fs } = await import("fs-extra");
  const { path, target, replaceable } = output;
  const temporary = temporaryName(output);
  // Ctrl-C between the two steps must not leave the temporary file behind.
  const abandon = (signal: NodeJS.Signals): void => {
    fs.rmSync(temporary, { force: true });
    process.kill(process.pid, signal);
  };
  try {
    if (!replaceable) return writeParts(target, "w", parts);
    process.once("SIGINT", abandon).once("SIGTERM", abandon);
    await makeFolders(dirname(resolve(target)));
    writeParts(temporary, "wx", parts);
    await fs.rename(temporary, target);
  } catch (error) {
    await fs.remove(temporary).catch(() => {});
    throw cannotWrite(path, error);
  } finally {
    process.off("SIGINT", abandon).off("SIGTERM", abandon);
  }
}

function writeParts(path: string, flags: "w" | "wx", parts: Iterable<Uint8Array>): void {
  const fd = openSync(path, flags);
  try {
    for (const part of parts) writeAll(fd, part);
  } finally {
    closeSync(fd);
  }
}
