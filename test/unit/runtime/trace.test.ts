// What leaves generated code as which error: traps from foreign errors, host errors untouched, frames from stack traces.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExitError, LinkError, Trap } from "../../../runtime/errors.js";
import { trap } from "../../../runtime/helpers/trap.js";
import { instantiate } from "../../../runtime/instance/instantiate.js";
import type { Instance } from "../../../runtime/instance/instance.js";
import type { RawCode } from "../../../runtime/instance/store.js";
import { parseStack, toWasmError, type JsFrame } from "../../../runtime/instance/trace.js";
import { TrapCode } from "../../../runtime/trap-code.js";
import { TRAP_MESSAGES } from "../../../runtime/trap.js";
import { WasmError } from "../../../runtime/wasm/error.js";
import { code, makeModule, memoryType } from "./hand-made.js";

type Callable = (...args: unknown[]) => unknown;

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

describe("stack traces", () => {
  const forms: [string, string, Partial<JsFrame>[]][] = [
    [
      "V8",
      "RangeError: Offset is outside the bounds of the DataView\n    at DataView.getInt32 (<anonymous>)\n" +
        "    at f12 (file:///tmp/a.mjs:19:65)\n    at Object.f13_ [as run] (/tmp/a b.js:20:24)\n    at fx (/tmp/a.js:1:1)\n" +
        "    at f7 (eval at load (/tmp/nan.js:24:15), <anonymous>:3:20)\n    at http://h:80/f9.js:1:2\n    at async f8 (C:\\a.js:2:3)",
      [
        { funcIndex: 12, file: "file:///tmp/a.mjs", line: 19, column: 65 },
        { funcIndex: 13, file: "/tmp/a b.js", line: 20, column: 24 },
        { funcIndex: 7, line: 3, column: 20 },
        { funcIndex: 8, file: "C:\\a.js", line: 2, column: 3 },
      ],
    ],
    [
      "JavaScriptCore",
      "getInt32@[native code]\nf12@http://h:80/nan.js:19:73\nf7@\nglobal code@nan.js:24:71",
      [
        { funcIndex: 12, file: "http://h:80/nan.js", line: 19, column: 73 },
        { funcIndex: 7, file: "", line: 0, column: 0 },
      ],
    ],
    [
      "SpiderMonkey",
      "f12@nan.js:19:65\nf7@nan.js line 24 > eval:3:15\npage/f3@nan.js:1:2\n@nan.js:21:5\n",
      [
        { funcIndex: 12, file: "nan.js", line: 19, column: 65 },
        { funcIndex: 7, file: "nan.js line 24 > eval", line: 3, column: 15 },
        { funcIndex: 3, file: "nan.js", line: 1, column: 2 },
      ],
    ],
    [
      "QuickJS",
      "    at getInt32 (native)\n    at f12 (nan.js:19:56)\n    at f13_ (nan.js:20)\n    at <eval> (nan.js:21:9)\n",
      [
        { funcIndex: 12, file: "nan.js", line: 19, column: 56 },
        { funcIndex: 13, file: "nan.js", line: 20, column: 0 },
      ],
    ],
    [
      "Hermes",
      "RangeError: x\n    at getInt32 (native)\n    at f12 (address at /a/b.hbc:1:3456)\n    at f13 (nan.js:20:27)\n    at global (nan.js:1:1)",
      [
        { funcIndex: 12, file: "/a/b.hbc", line: 1, column: 3456 },
        { funcIndex: 13, file: "nan.js", line: 20, column: 27 },
      ],
    ],
  ];
  for (const [engine, stack, wanted] of forms) {
    it(`are read in the form of ${engine}`, () => {
      const frames = parseStack(stack).map((entry) => entry.frame);
      assert.equal(frames.length, wanted.length);
      wanted.forEach((frame, i) => assert.deepEqual({ ...frames[i], ...frame }, frames[i]));
    });
  }
});

describe("foreign errors", () => {
  const cases: [string, unknown, string | undefined][] = [
    ["V8 bounds", new RangeError("Offset is outside the bounds of the DataView"), "out of bounds memory access"],
    ["JSC bounds", new RangeError("byteOffset cannot be negative"), "out of bounds memory access"],
    ["Hermes bounds", new RangeError("A negative value cannot be an index"), "out of bounds memory access"],
    ["V8 stack", new RangeError("Maximum call stack size exceeded"), "call stack exhausted"],
    [
      "SpiderMonkey stack",
      Object.assign(new Error("too much recursion"), { name: "InternalError" }),
      "call stack exhausted",
    ],
    ["QuickJS stack", Object.assign(new Error("stack overflow"), { name: "InternalError" }), "call stack exhausted"],
    ["another error", new Error("stack"), undefined],
    ["a TypeError", new TypeError("f is not a function"), undefined],
    ["an exit", new ExitError(3), undefined],
    ["a string", "RangeError", undefined],
    ["null", null, undefined],
    ["undefined", undefined, undefined],
  ];
  for (const [name, error, message] of cases) {
    it(message === undefined ? `${name} passes` : `${name} is a trap`, () => {
      const got = toWasmError(error, null);
      if (message === undefined) assert.equal(got, error);
      else assert.ok(got instanceof Trap && got.message === message);
    });
  }

  it("Errors have their classes, names and codes", () => {
    const errors = [new Trap(TrapCode.outOfMemory, "why"), new LinkError("unknown-import", "m"), new ExitError(7)];
    assert.deepEqual(
      errors.map((e) => [e.name, e.message, e.code]),
      [
        ["Trap", "out of memory: why", "out of memory"],
        ["LinkError", "m", "unknown-import"],
        ["ExitError", "exit with code 7", 7],
      ],
    );
    assert.ok(errors[0] instanceof Trap && errors[0] instanceof WasmError && errors[0] instanceof Error);
    assert.ok(errors[1] instanceof LinkError && errors[1] instanceof WasmError && !(errors[1] instanceof Trap));
    assert.ok(errors[2] instanceof ExitError && !(errors[2] instanceof WasmError));
  });

  it("Trap codes are the messages in their order", async () => {
    // A const enum is no value to TypeScript, but it is there in the output.
    const { TrapCode } = (await import("../../../runtime/trap-code.js")) as unknown as { TrapCode: object };
    const names = TRAP_MESSAGES.map((message) =>
      message.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase()),
    );
    assert.deepEqual(
      Object.entries(TrapCode).filter(([, code]) => typeof code === "number"),
      names.map((name, code) => [name, code]),
    );
  });
});

describe("errors that leave an instance", () => {
  const module = makeModule({
    types: [":", "i:i"],
    imports: [["env", "host", { kind: "func", typeIndex: 0 }]],
    funcs: [1, 0, 0, 0],
    memories: [memoryType(1)],
    exports: { load: ["func", 1], recurse: ["func", 2], host: ["func", 3], unreachable: ["func", 4] },
    funcNames: new Map([
      [1, "load"],
      [3, "caller"],
    ]),
  });

  function make(host: Callable): { instance: Instance; exports: Record<string, Callable>; asked: JsFrame[] } {
    const asked: JsFrame[] = [];
    const provider = {
      ...code((instance) => {
        const M = instance.memories[0]!.view;
        const host = instance.func(0).code;
        function f1(at: number): number {
          const value = M.getInt32(at, true);
          return value;
        }
        function f2(): void {
          f2();
          f1(0);
        }
        function f3(): void {
          host();
          f1(0);
        }
        function f4(): void {
          trap(TrapCode.unreachable);
          f1(0);
        }
        return { 1: f1, 2: f2, 3: f3, 4: f4 } as unknown as Record<number, RawCode>;
      }),
      locate: (frame: JsFrame) => (asked.push(frame), { offset: 1000 + frame.funcIndex }),
    };
    const instance = instantiate(module, provider, { env: { host } });
    return { instance, exports: instance.exports as Record<string, Callable>, asked };
  }

  it("A DataView's error is a trap with name and offset", () => {
    const { exports, asked } = make(() => 0);
    const error = caught(() => exports["load"]!(65533)) as Trap;
    assert.ok(error instanceof Trap);
    assert.equal(error.trapCode, TrapCode.outOfBoundsMemoryAccess);
    assert.deepEqual(error.frames, [{ funcIndex: 1, name: "load", offset: 1001 }]);
    assert.equal(error.offset, 1001);
    assert.match(error.stack!, /^Trap: out of bounds memory access\n.*\n {4}at load \(function 1, offset 0x3e9\)\n/);
    assert.match(asked[0]!.file, /trace\.test\.js$/);
    assert.ok(asked[0]!.line > 0 && asked[0]!.column > 0);
  });

  it("A trap of a helper has frames as well", () => {
    const { exports } = make(() => 0);
    const error = caught(() => exports["unreachable"]!()) as Trap;
    assert.equal(error.message, "unreachable");
    assert.deepEqual(error.frames, [{ funcIndex: 4, name: undefined, offset: 1004 }]);
    assert.match(error.stack!, /at wasm \(function 4, offset 0x3ec\)/);
  });

  it("An exhausted stack is a trap, again and again", () => {
    const { exports } = make(() => 0);
    for (let i = 0; i < 3; i++) {
      const error = caught(() => exports["recurse"]!()) as Trap;
      assert.ok(error instanceof Trap);
      assert.equal(error.message, "call stack exhausted");
      assert.equal(error.frames[0]!.funcIndex, 2);
    }
  });

  it("What the host throws passes untouched", () => {
    for (const thrown of [new RangeError("mine"), new RangeError("stack"), "text", undefined, null, new ExitError(1)]) {
      const { exports, instance } = make(() => {
        throw thrown;
      });
      assert.equal(
        caught(() => exports["host"]!()),
        thrown,
      );
      assert.equal(
        caught(() => instance.invokeRaw("host", [])),
        thrown,
      );
    }
  });

  it("A trap that crosses the host keeps its first frames", () => {
    const inner = make(() => 0);
    const outer = make(() => inner.exports["load"]!(-1));
    const error = caught(() => outer.exports["host"]!()) as Trap;
    assert.equal(error.message, "out of bounds memory access");
    assert.equal(error.frames[0]!.funcIndex, 1);
  });

  it("What converting arguments throws is the caller's", () => {
    const { exports } = make(() => 0);
    const mine = new RangeError("mine");
    const argument = {
      valueOf() {
        throw mine;
      },
    };
    assert.equal(
      caught(() => exports["load"]!(argument)),
      mine,
    );
  });

  it("Frames of an imported instance get its names", () => {
    const inner = make(() => 0);
    const other = makeModule({
      types: ["i:i"],
      imports: [["a", "load", { kind: "func", typeIndex: 0 }]],
      funcs: [0],
      exports: { call: ["func", 1] },
      funcNames: new Map([[1, "wrong"]]),
    });
    const provider = {
      ...code((instance) => {
        const load = instance.func(0).code;
        return { 1: (at: number) => (load(at) as number) + 1 };
      }),
      locate: () => undefined,
    };
    const outer = instantiate(other, provider, { a: inner.exports });
    const error = caught(() => (outer.exports["call"] as Callable)(-1)) as Trap;
    assert.deepEqual(error.frames, [{ funcIndex: 1, name: "load", offset: 1001 }]);
  });
});
