// Every helper of runtime/abi.ts by name, and as one table for linkers that resolve names at run time. A JavaScript artifact
// imports single names instead, so that a bundler drops the rest.
import type { HelperName } from "../abi.js";
import type { RawCode } from "../instance/store.js";
import * as all from "./names.js";

export * from "./names.js";

export const HELPER_TABLE: Readonly<Record<HelperName, RawCode>> = all;
