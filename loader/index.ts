// The loader's public names.
export { ArtifactError } from "./errors.js";
export type { ArtifactCode } from "./errors.js";
export { fileCache } from "./code-cache.js";
export type { CacheStore } from "./code-cache.js";
export type { Image, LineTable, Page, Relocation, RelocationKind, TargetInfo } from "./image.js";
export { ABI_VERSION, FORMAT_VERSION, PAGE_SIZE, RUNTIME_FEATURES, TARGETS } from "./layout.js";
export { LoadedModule, instantiate, load, loadFile } from "./load.js";
export type { LoadFileOptions, LoadOptions } from "./load.js";
export { CodeRegion } from "./region.js";
