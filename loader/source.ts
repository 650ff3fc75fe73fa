// What artifacts are read from: the caller's bytes, or a file.
import { builtin } from "./host.js";

/** @internal */
export interface ArtifactSource {
  /** In bytes. */
  readonly size: number;
  /** Fills `into` with what begins at `offset`; the caller sees to it that there is as much. */
  read(offset: number, into: Uint8Array): void;
}

/** @internal */
export function bytesSource(bytes: Uint8Array): ArtifactSource {
  return { size: bytes.length, read: (offset, into) => into.set(bytes.subarray(offset, offset + into.length)) };
}

/** Opens a file (in Node) for reading piece by piece, into memory of the reader's. Throws what Node's `fs` throws. @internal */
export function fileSource(path: string): ArtifactSource & { close(): void } {
  const fs = builtin("node:fs")!;
  const file = fs.openSync(path, "r");
  try {
    const { size } = fs.fstatSync(file);
    return {
      size,
      read(offset, into) {
        for (let done = 0; done < into.length;) {
          const count = fs.readSync(file, into, done, into.length - done, offset + done);
          if (count === 0) throw new Error(`${path}: the file has become shorter while it was read`);
          done += count;
        }
      },
      close: () => fs.closeSync(file),
    };
  } catch (error) {
    fs.closeSync(file);
    throw error;
  }
}
