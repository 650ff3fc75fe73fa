// Takes WebAssembly away from everything that is imported after this file.
delete globalThis.WebAssembly;
