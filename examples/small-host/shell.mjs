// Makes Node look like QuickJS's shell, as far as the example needs it, and without WebAssembly.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

globalThis.print = (text) => process.stdout.write(`${text}\n`);
globalThis.scriptArgs = process.argv.slice(1);
globalThis.std = {
  SEEK_SET: 0,
  SEEK_END: 2,
  open(path) {
    const fd = openSync(path);
    let at = 0;
    return {
      seek: (_, whence) => void (at = whence === 2 ? fstatSync(fd).size : 0),
      tell: () => at,
      read: (buffer, offset, length) => readSync(fd, new Uint8Array(buffer, offset, length)),
      close: () => closeSync(fd),
    };
  },
};
delete globalThis.WebAssembly;
