// From what a JavaScript engine throws and prints to what Wasm says: a foreign error that left generated code becomes a trap,
// and the functions called f<index> on the JavaScript stack become Wasm frames. Engines differ in both; the forms known here
// are those of V8, JavaScriptCore, SpiderMonkey, QuickJS and Hermes.
import { Trap, type TrapFrame } from "../errors.js";
import { TrapCode } from "../trap-code.js";
import type { Instance } from "./instance.js";
import { S } from "./store.js";

/** A frame of a JavaScript stack that runs generated code. Lines and columns count from 1; 0 where the engine is silent. */
export interface JsFrame {
  readonly funcIndex: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What a code provider knows about a frame of its code. */
export interface FrameLocation {
  /** Byte offset into the `.wasm` file. */
  readonly offset?: number;
}

/** What to throw on where `error` left generated code of `instance` (null: of a host function). @internal */
export function toWasmError(error: unknown, instance: Instance | null): unknown {
  if (error !== null && error === S.hostError) {
    S.hostError = null;
    return error;
  }
  let trap = error;
  if (!(error instanceof Trap)) {
    // By name, not by class: the code may come from another realm.
    const { name, message } = Object(error) as { name?: unknown; message?: unknown };
    if (name !== "RangeError" && name !== "InternalError") return error;
    if (/stack|recursion/i.test(String(message))) trap = new Trap(TrapCode.callStackExhausted);
    else if (name === "RangeError") trap = new Trap(TrapCode.outOfBoundsMemoryAccess);
    else return error;
    describe(trap as Trap, String((error as Error).stack), instance);
  } else if (error.frames.length === 0) {
    describe(error, String(error.stack), instance);
  }
  return trap;
}

//                  V8, QuickJS, Hermes: "at Object.f12 [as f] (FILE:LINE:COLUMN)"; SpiderMonkey, JavaScriptCore: "f12@FILE:LINE:COLUMN".
//                  A function with tail calls has its body in f12_; the twin of a recursive one is called so too. f12_3 is a
//                  piece of a large function: the next frame is f12, or another piece of it, and no frame of Wasm's.
const FRAME = /^\s*(?:at )?(?:[^@(]*[ ./<])?f(\d+)(?:_(\d*))?(?: \[as [^\]]*\])?(?: \((.*)\)|@(.*))$/;

/** @internal */
export interface ParsedFrame {
  readonly frame: JsFrame;
  /** Number of its line in the stack trace. */
  readonly at: number;
  /** A piece of its function, which has the next frame. */
  readonly piece: boolean;
}

/** The frames of generated code in a JavaScript stack trace, innermost first. @internal */
export function parseStack(stack: string): ParsedFrame[] {
  const found: ParsedFrame[] = [];
  stack.split("\n").forEach((text, at) => {
    const match = FRAME.exec(text);
    if (match === null) return;
    const place = (match[3] ?? match[4] ?? "").replace(/^address at /, "");
    const position = /^(.*?):(\d+)(?::(\d+))?$/.exec(place);
    const frame: JsFrame = {
      funcIndex: Number(match[1]),
      file: position === null ? place : position[1]!,
      line: position === null ? 0 : Number(position[2]),
      column: Number(position?.[3] ?? 0),
    };
    found.push({ frame, at, piece: match[2] !== undefined && match[2] !== "" });
  });
  return found;
}

function describe(trap: Trap, stack: string, instance: Instance | null): void {
  const lines: (string | undefined)[] = stack.split("\n");
  const frames: TrapFrame[] = [];
  let piece: JsFrame | undefined;
  parseStack(stack).forEach((parsed) => {
    const { frame, at } = parsed;
    const caller = piece;
    piece = parsed.piece ? frame : undefined;
    if (caller !== undefined && caller.funcIndex === frame.funcIndex) {
      lines[at] = undefined;
      return;
    }
    const located = locate(frame, instance);
    frames.push(located);
    lines[at] = "    at " + describeFrame(located);
  });
  const known = trap as { frames: readonly TrapFrame[]; offset: number | undefined };
  known.frames = frames;
  known.offset = frames[0]?.offset;
  // V8 begins with the error's own text, the others with the first frame.
  if (!/^\s+at |@/.test(lines[0]!)) lines.shift();
  const text = lines.filter((line) => line !== undefined).join("\n");
  trap.stack = `${trap.name}: ${trap.message}\n${text}`;
}

// The frame may be of the instance that was entered, or of one whose functions it imports and calls directly.
function locate(frame: JsFrame, instance: Instance | null): TrapFrame {
  if (instance !== null) {
    const place = ask(frame, instance);
    if (place !== undefined) return place;
    for (let i = 0; i < instance.module.imported.func; i++) {
      const other = instance.funcs[i]!.instance;
      const found = other === null || other === instance ? undefined : ask(frame, other);
      if (found !== undefined) return found;
    }
  }
  return { funcIndex: frame.funcIndex };
}

function ask(frame: JsFrame, { code, module }: Instance): TrapFrame | undefined {
  const place = code.locate === undefined ? {} : code.locate(frame);
  if (place === undefined) return undefined;
  return { funcIndex: frame.funcIndex, name: module.funcNames.get(frame.funcIndex), offset: place.offset };
}

/** `fac (function 3, offset 0x4e)`. @internal */
export function describeFrame(frame: TrapFrame): string {
  const offset = frame.offset === undefined ? "" : `, offset 0x${frame.offset.toString(16)}`;
  return `${frame.name ?? "wasm"} (function ${frame.funcIndex}${offset})`;
}
