// Watches the engine's own memory: while it is on, whoever makes an ArrayBuffer, or a typed array that needs one, is recorded with
// the stack of the call. Views of buffers that are there already are none of its business.

type Constructor = new (...args: unknown[]) => object;

const NAMES = [
  "ArrayBuffer",
  "SharedArrayBuffer",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;

// What makes typed arrays or buffers by other ways than the global constructors.
const METHODS: readonly (readonly [object, readonly string[]])[] = [
  [Object.getPrototypeOf(Uint8Array.prototype) as object, ["slice", "map", "filter", "toSorted", "toReversed", "with"]],
  [ArrayBuffer.prototype, ["slice", "transfer", "transferToFixedLength", "resize"]],
  [SharedArrayBuffer.prototype, ["slice", "grow"]],
  [TextEncoder.prototype, ["encode"]],
  [globalThis, ["structuredClone"]],
  [Buffer, ["alloc", "allocUnsafe", "allocUnsafeSlow", "concat"]],
];

const isBuffer = (value: unknown): boolean =>
  /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));

let found: string[] | undefined;

function record(what: string): void {
  if (found === undefined) return;
  const stack = new Error(what).stack!.split("\n").slice(3);
  found.push(`${what}\n${stack.filter((line) => !line.includes("node:internal")).join("\n")}`);
}

/** Runs `body` and returns what was allocated, a stack for each. */
export function allocationsOf(body: () => void): string[] {
  const global = globalThis as unknown as Record<string, Constructor>;
  const undo: (() => void)[] = [];
  for (const name of NAMES) {
    const original = global[name]!;
    global[name] = new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        if (!isBuffer(args[0]) && args[0] !== 0 && args.length > 0) record(`new ${name}(${describe(args[0])})`);
        return Reflect.construct(target, args, newTarget === global[name] ? target : newTarget) as object;
      },
    });
    undo.push(() => (global[name] = original));
  }
  for (const [owner, names] of METHODS) {
    for (const name of names) {
      const methods = owner as Record<string, (...args: unknown[]) => unknown>;
      const original = methods[name];
      if (original === undefined) continue;
      methods[name] = function (...args) {
        record(name);
        return original.apply(this, args);
      };
      undo.push(() => (methods[name] = original));
    }
  }
  found = [];
  try {
    body();
    return found;
  } finally {
    found = undefined;
    for (const restore of undo.reverse()) restore();
  }
}

function describe(argument: unknown): string {
  return typeof argument === "object" ? Object.prototype.toString.call(argument) : String(argument);
}

/** Runs `body`, which is the host's business, unwatched. */
export function unwatched<T>(body: () => T): T {
  const before = found;
  found = undefined;
  try {
    return body();
  } finally {
    found = before;
  }
}
