// Makes Node look like a bare engine shell: a global `print`, and no WebAssembly.
"use strict";
globalThis.print = (text) => process.stdout.write(`${text}\n`);
delete globalThis.WebAssembly;
