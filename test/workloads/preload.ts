// node --import preload.js script: the script sees our WebAssembly and no other.
import { WebAssemblyShim } from "./shim.js";

Object.defineProperty(globalThis, "WebAssembly", { value: WebAssemblyShim, configurable: true, writable: true });
