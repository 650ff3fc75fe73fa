// Implementation limits: what this implementation accepts of modules that the specification would allow. The numbers are
// those of the JavaScript API, so that a module which browsers load is a module we load, and nothing can grow without bound.
// https://webassembly.github.io/spec/js-api/index.html#limits

export const MAX_MODULE_SIZE = 1_073_741_824;
export const MAX_TYPES = 1_000_000;
export const MAX_REC_GROUP_SIZE = 1_000_000;
/** Longest chain of declared supertypes below a type without one. */
export const MAX_SUBTYPE_DEPTH = 63;
export const MAX_FUNCTIONS = 1_000_000;
export const MAX_IMPORTS = 1_000_000;
export const MAX_EXPORTS = 1_000_000;
export const MAX_GLOBALS = 1_000_000;
export const MAX_TAGS = 1_000_000;
export const MAX_TABLES = 100_000;
export const MAX_MEMORIES = 100;
export const MAX_DATA_SEGMENTS = 100_000;
export const MAX_ELEMENT_SEGMENTS = 10_000_000;
export const MAX_ELEMENT_SEGMENT_LENGTH = 10_000_000;
export const MAX_PARAMS = 1_000;
export const MAX_RESULTS = 1_000;
export const MAX_STRUCT_FIELDS = 10_000;
export const MAX_ARRAY_NEW_FIXED = 10_000;
export const MAX_FUNCTION_BODY_SIZE = 7_654_321;
/** Parameters included. */
export const MAX_LOCALS = 50_000;

/** Pages (of 2^16 bytes) that the specification allows a memory with 32-bit and with 64-bit addresses. */
export const MAX_PAGES_32 = 2 ** 16;
export const MAX_PAGES_64 = 2 ** 48;
/** Elements that the specification allows a table with 32-bit indices; with 64-bit indices any u64 is allowed. */
export const MAX_TABLE_SIZE_32 = 2 ** 32 - 1;
