// Where the package lies: two folders above this file and above what it is bundled into (write/bundle-build.ts).

/** The package's folder, with a slash at the end. */
export const PACKAGE = new URL("../../", import.meta.url);
