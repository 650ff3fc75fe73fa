// The faces of the memory report, for command line and hosts: what lies where as data, as text, and drawn in a page.
export { reportHtml } from "./html.js";
export { reportText, type TextOptions, type TextStyle } from "./text.js";
export {
  takeSnapshot,
  type CodeMap,
  type EngineEstimate,
  type LinearMemoryMap,
  type MemorySnapshot,
  type SnapshotOptions,
} from "./snapshot.js";
