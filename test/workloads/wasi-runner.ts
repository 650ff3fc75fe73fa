// A WASI runner with the command line that the WASI cases expect (file.wasm --dir … --env … --argv0 … -- args), in front of
// `wamrc-ts run`.
delete (globalThis as { WebAssembly?: unknown }).WebAssembly;
process.argv.splice(2, 0, "run");
await import("../../compiler/cli.js");
