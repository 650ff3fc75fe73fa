// Bytes to be put behind others that are known only later: the text of an `.aot` is most of it, and stands behind what tells
// where its pages are. Large ones wait in a file, so that the largest module does not need memory for what is done with.
import { closeSync, openSync, readSync, rmSync, unlinkSync } from "node:fs";
import { cannotWrite, type Output, temporaryName, writeAll } from "./files.js";

/** Bytes kept in memory before the rest goes to a file. */
const MOST_IN_MEMORY = 1 << 20;
const CHUNK = 1 << 20;

export class Spool {
  size = 0;
  private readonly kept: Uint8Array[] = [];
  private readonly output: Output;
  private readonly path: string;
  private fd: number | undefined;
  private isLeft = false;

  /** The file, should one be needed, is made beside the output. */
  constructor(output: Output) {
    this.output = output;
    this.path = temporaryName(output);
  }

  append(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.size <= MOST_IN_MEMORY) {
      this.kept.push(bytes.slice());
      return;
    }
    try {
      writeAll((this.fd ??= this.open()), bytes);
    } catch (error) {
      throw cannotWrite(this.output.path, error);
    }
  }

  // Without a name it vanishes with the process, however that ends. Not every system can do that.
  private open(): number {
    const fd = openSync(this.path, "wx+");
    try {
      unlinkSync(this.path);
    } catch {
      this.isLeft = true;
    }
    return fd;
  }

  /** All that was appended; each part is lent until the next. */
  *parts(): Iterable<Uint8Array> {
    yield* this.kept;
    if (this.fd === undefined) return;
    const chunk = new Uint8Array(CHUNK);
    for (let at = 0, count; (count = readSync(this.fd, chunk, 0, CHUNK, at)) > 0; at += count) {
      yield chunk.subarray(0, count);
    }
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
    if (this.isLeft) rmSync(this.path, { force: true });
  }
}
