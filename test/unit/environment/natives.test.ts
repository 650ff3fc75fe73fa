// Native functions: how they are found, what they are given, and what a guest cannot make them do.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  embed,
  HostException,
  native,
  Runtime,
  type ExecEnv,
  type NativeSymbol,
  type Pointer,
} from "../../../runtime/environment/index.js";
import { Natives } from "../../../runtime/environment/natives.js";
import { Trap } from "../../../runtime/errors.js";
import { LifetimeError } from "../../../runtime/memory/errors.js";
import { embedText, loadText } from "./guests.js";

const PAGE = 65536;

/** A guest that imports `env.f` of the given type and exports it as `call`, with a memory of one page that may grow to three. */
const guest = (params: string, results = "", data = ""): string => {
  const types = params.split(" ").filter((t) => t !== "");
  const gets = types.map((_, i) => `(local.get ${i})`).join(" ");
  const signature = `${types.length ? `(param ${params})` : ""} ${results ? `(result ${results})` : ""}`;
  return `(module
    (import "env" "f" (func $f ${signature}))
    (memory (export "memory") 1 3)
    ${data}
    (func (export "call") ${signature} (call $f ${gets}))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`;
};

type Call = (...args: unknown[]) => unknown;

/** Makes an instance whose `env.f` is `func`, and returns its `call`. */
function link(text: string, signature: string, func: NativeSymbol["func"], attachment?: unknown): Call {
  const runtime = Runtime.init();
  runtime.registerNatives("env", [{ symbol: "f", signature, func, attachment }]);
  return embedText(runtime, text).exports.call as Call;
}

const outOfBounds = (detail?: string) => (error: unknown) => {
  assert.ok(error instanceof Trap, String(error));
  assert.equal(error.code, "out of bounds memory access");
  if (detail !== undefined) assert.equal(error.message, `out of bounds memory access: ${detail}`);
  return true;
};

describe("values", () => {
  it("of every type go in and out", () => {
    const seen: unknown[] = [];
    const call = link(guest("i32 i64 f32 f64 externref", "i64"), "(iIfFr)I", (_env, ...args) => {
      seen.push(...args);
      return -(2n ** 63n);
    });
    const host = {};
    assert.equal(call(-1, 2n ** 63n - 1n, 0.5, Math.PI, host), -(2n ** 63n));
    assert.deepEqual(seen, [-1, 2n ** 63n - 1n, 0.5, Math.PI, host]);
    assert.equal(seen[4], host);
  });

  it("are what they are without a signature", () => {
    const runtime = Runtime.init();
    runtime.registerNatives("env", [{ symbol: "f", func: (_env, a: number, b: bigint) => BigInt(a) * b }]);
    const { call } = embedText(runtime, guest("i32 i64", "i64")).exports as Record<string, Call>;
    assert.equal(call!(-3, 5n), -15n);
  });

  it("of several results come as an array", () => {
    const call = link(guest("", "i32 i64"), "()iI", () => [7, -1n]);
    assert.deepEqual(call(), [7, -1n]);
  });

  it("that a function returns are converted as the JS API says", () => {
    assert.equal(link(guest("", "i32"), "()i", () => 2 ** 32 + 5.5)(), 5);
    assert.equal(link(guest("", "f32"), "()f", () => "0.1")(), Math.fround(0.1));
    assert.equal(link(guest(""), "()", () => 5)(), undefined);
    assert.throws(() => link(guest("", "i64"), "()I", () => 5)(), TypeError);
  });
});

describe("pointers", () => {
  const bytesAt = (address: number, length: number): number[] => {
    let seen: number[] = [];
    const call = link(guest("i32 i32", "", '(data (i32.const 65532) "\\01\\02\\03\\04")'), "(*~)", (_e, p: Pointer) => {
      seen = [...p.bytes];
    });
    call(address, length);
    return seen;
  };

  it("with a length show exactly that", () => {
    assert.deepEqual(bytesAt(PAGE - 4, 4), [1, 2, 3, 4]);
    assert.deepEqual(bytesAt(PAGE - 3, 2), [2, 3]);
    assert.deepEqual(bytesAt(PAGE, 0), []);
    assert.deepEqual(bytesAt(0, 0), []);
  });

  const wrong: [address: number, length: number][] = [
    [PAGE - 3, 4],
    [PAGE, 1],
    [PAGE + 1, 0],
    [-1, 1],
    [-1, 0],
    [-4, 8], // ends at 4 modulo 2^32
    [0, -1],
    [1, -1],
    [PAGE - 1, 0x7fff_ffff],
    [0x7fff_ffff, 1],
    [-0x8000_0000, 1],
    [-1, -1],
  ];
  for (const [address, length] of wrong) {
    it(`(${address}, ${length}) traps before the function runs`, () => {
      const call = link(guest("i32 i32"), "(*~)", () => assert.fail("was called"));
      assert.throws(
        () => call(address, length),
        outOfBounds(`${length >>> 0} bytes at 0x${(address >>> 0).toString(16)}`),
      );
    });
  }

  it("without a length reach to the end of the memory, and need one byte", () => {
    let length = 0;
    const call = link(guest("i32"), "(*)", (_e, p: Pointer) => {
      length = p.length;
      assert.equal(p.view.byteLength, length);
    });
    call(PAGE - 10);
    assert.equal(length, 10);
    call(PAGE - 1);
    assert.equal(length, 1);
    for (const address of [PAGE, -1, -PAGE]) assert.throws(() => call(address), outOfBounds());
  });

  it("give ranges that trap beyond the end", () => {
    const call = link(guest("i32"), "(*)", (_e, p: Pointer) => {
      p.range(4, 4).view.setInt32(0, 42, true);
      for (const [offset, length] of [
        [5, 4],
        [9, 0],
        [-1, 1],
        [0, 9],
        [NaN, 1],
      ]) {
        assert.throws(
          () => p.range(offset!, length!),
          outOfBounds(`${length} bytes at offset ${offset} of 8 at 0xfff8`),
        );
      }
    });
    call(PAGE - 8);
  });

  it("that end too early for the function make a trap of the guest's, with its frames", () => {
    const call = link(guest("i32"), "(*)", (_e, p: Pointer) => void p.range(0, 100));
    assert.throws(
      () => call(PAGE - 8),
      (error) => error instanceof Trap && error.frames[0]?.funcIndex === 1 && outOfBounds()(error),
    );
  });

  it("overlap as the guest says", () => {
    const call = link(guest("i32 i32 i32 i32"), "(*~*~)", (_e, a: Pointer, _n, b: Pointer) => {
      a.bytes[1] = 77;
      assert.equal(b.bytes[0], 77);
    });
    call(100, 2, 101, 2);
  });

  it("write to the guest's memory", () => {
    const runtime = Runtime.init();
    runtime.registerNatives("env", [native("f", "(*~)", (_e, p) => void p.bytes.fill(9))]);
    const instance = embedText(runtime, guest("i32 i32"));
    (instance.exports.call as Call)(10, 3);
    assert.deepEqual([...instance.space.bytes(9, 5)], [0, 9, 9, 9, 0]);
  });

  it("show the memory that has grown, where views of before show the old one", () => {
    const runtime = Runtime.init();
    let kept: Pointer | undefined;
    runtime.registerNatives("env", [
      native("f", "(*~)", (env, p) => {
        kept = p;
        const before = p.bytes;
        before[0] = 1;
        assert.equal(env.call("grow", [1]), 1);
        p.bytes[1] = 2;
        assert.deepEqual([...p.bytes], [1, 2, 0]);
        assert.equal(p.view.getUint8(1), 2);
      }),
    ]);
    const instance = embedText(runtime, guest("i32 i32"));
    (instance.exports.call as Call)(10, 3);
    assert.deepEqual([...instance.space.bytes(10, 3)], [1, 2, 0]);
    assert.throws(() => kept!.bytes, LifetimeError);
    assert.throws(() => kept!.view, LifetimeError);
  });

  it("of a guest without memory are all out of bounds", () => {
    const text = `(module (import "env" "f" (func $f (param i32 i32)))
      (func (export "call") (param i32 i32) (call $f (local.get 0) (local.get 1))))`;
    const call = link(text, "(*~)", () => assert.fail("was called"));
    assert.throws(() => call(0, 1), outOfBounds());
    assert.throws(() => call(0, 0), outOfBounds());
  });
});

describe("strings", () => {
  const textAt = (address: number, data: string): string => {
    let seen = "";
    const call = link(guest("i32", "", data), "($)", (_env, text: string) => void (seen = text));
    call(address);
    return seen;
  };

  it("are decoded to their NUL byte", () => {
    assert.equal(textAt(8, '(data (i32.const 8) "caf\\c3\\a9 \\f0\\9f\\a6\\80\\00rest")'), "café 🦀");
    assert.equal(textAt(0, ""), "");
    assert.equal(textAt(PAGE - 1, ""), "");
    assert.equal(textAt(PAGE - 3, '(data (i32.const 65533) "ab")'), "ab");
  });

  it("that are not UTF-8 have U+FFFD in these places", () => {
    assert.equal(textAt(8, '(data (i32.const 8) "a\\ffb\\c3\\00")'), "a�b�");
  });

  it("without a NUL byte before the end of memory trap", () => {
    const data = '(data (i32.const 65533) "abc")';
    assert.throws(() => textAt(PAGE - 3, data), outOfBounds("string at 0xfffd"));
    assert.throws(() => textAt(PAGE - 1, data), outOfBounds());
    for (const address of [PAGE, -1, 0x7fff_ffff, -PAGE]) assert.throws(() => textAt(address, ""), outOfBounds());
  });
});

describe("looking up", () => {
  const answers = (value: number): NativeSymbol[] => [native("f", "()i", () => value)];
  const ask = (runtime: Runtime, text = guest("", "i32"), imports = {}): unknown =>
    (embed(loadText(runtime, text), { imports }).exports.call as Call)();

  it("prefers the newest registration, and the import object to all", () => {
    const runtime = Runtime.init();
    const [first, second] = [answers(1), answers(2)];
    runtime.registerNatives("env", first);
    assert.equal(ask(runtime), 1);
    runtime.registerNatives("env", second);
    runtime.registerNatives("other", answers(3));
    assert.equal(ask(runtime), 2);
    assert.equal(ask(runtime, undefined, { env: { f: () => 4 } }), 4);
    assert.equal(ask(runtime, undefined, { env: { g: () => 4 } }), 2);
    assert.ok(runtime.unregisterNatives("env", second));
    assert.equal(ask(runtime), 1);
    assert.equal(runtime.unregisterNatives("env", second), false);
    assert.equal(runtime.unregisterNatives("other", first), false);
    assert.ok(runtime.unregisterNatives("env", first));
    assert.throws(() => ask(runtime), { name: "LinkError", code: "unknown-import" });
  });

  it("leaves instances what they were linked to", () => {
    const runtime = Runtime.init();
    const symbols = answers(1);
    runtime.registerNatives("env", symbols);
    const call = embedText(runtime, guest("", "i32")).exports.call as Call;
    runtime.unregisterNatives("env", symbols);
    assert.equal(call(), 1);
  });

  it("tries a name with an underscore without it too, within each registration", () => {
    const runtime = Runtime.init();
    const text = guest("", "i32").replace('"f"', '"_f"');
    runtime.registerNatives("env", answers(1));
    assert.equal(ask(runtime, text), 1);
    runtime.registerNatives("env", [native("_f", "()i", () => 2)]);
    assert.equal(ask(runtime, text), 2);
    runtime.registerNatives("env", answers(3));
    assert.equal(ask(runtime, text), 3);
    assert.throws(() => ask(runtime, text.replace('"_f"', '"__f"').replace("env", "void")), { name: "LinkError" });
  });

  it("finds each of many, and nothing else", () => {
    const runtime = Runtime.init();
    const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
    runtime.registerNatives(
      "env",
      names.map((name, i) => native(name, "()i", () => i)),
    );
    names.forEach((name, i) => {
      assert.equal(ask(runtime, guest("", "i32").replace('"f"', `"${name}"`)), i, name);
    });
    for (const name of ["n", "n100", "n1x", "e"]) {
      assert.throws(() => ask(runtime, guest("", "i32").replace('"f"', `"${name}"`)), { name: "LinkError" }, name);
    }
  });

  it("compares names by their bytes", () => {
    const natives = new Natives(Runtime.init().account);
    const names = ["", "a", "a\0", "ab", "é", "ée", "\u{1f980}", "\uffff"];
    const symbols = names.map((name) => native(name, "()i", () => 1));
    natives.register("env", symbols, false);
    for (const name of names) assert.equal(natives.find("env", name)?.symbol.symbol, name);
    for (const name of ["b", "a\0\0", "e", "\u{1f981}"]) assert.equal(natives.find("env", name), undefined);
    assert.equal(natives.find("en", "a"), undefined);
  });

  it("keeps what was registered, whatever becomes of the caller's objects", () => {
    const runtime = Runtime.init();
    const symbols: { -readonly [K in keyof NativeSymbol]: NativeSymbol[K] }[] = answers(1);
    runtime.registerNatives("env", symbols);
    symbols[0]!.func = () => 2;
    symbols[0]!.symbol = "g";
    assert.equal(ask(runtime), 1);
  });

  it("serves imports of the same name and type together", () => {
    const runtime = Runtime.init();
    runtime.registerNatives("env", answers(5));
    const text = `(module (import "env" "f" (func $a (result i32))) (import "env" "f" (func $b (result i32)))
      (func (export "call") (result i32) (i32.add (call $a) (call $b))))`;
    assert.equal(ask(runtime, text), 10);
  });
});

describe("what cannot be registered or linked", () => {
  it("is refused when it is registered", () => {
    const runtime = Runtime.init();
    const before = runtime.memoryReport().root.bytes;
    const twice = [native("f", "()", () => {}), native("g", "()", () => {}), native("f", "()", () => {})];
    assert.throws(() => runtime.registerNatives("env", twice), {
      code: "native-registration",
      message: 'native function "env" "f" is given twice',
    });
    assert.throws(() => runtime.registerNatives("env", [{ symbol: "f", signature: "(x)", func: () => {} }]), {
      code: "native-signature",
    });
    assert.throws(() => runtime.registerNatives("env", [{ symbol: "f", func: 5 as never }]), {
      code: "native-registration",
    });
    assert.equal(runtime.memoryReport().root.bytes, before);
  });

  it("is refused when it is linked, with both types", () => {
    const runtime = Runtime.init();
    runtime.registerNatives("env", [native("f", "($)i", () => 0)]);
    assert.throws(() => embedText(runtime, guest("i64", "i32")), {
      name: "LinkError",
      code: "incompatible-import-type",
      message:
        'incompatible import type: "env" "f": native signature "($)i" does not fit (i64) -> (i32): ' +
        'parameter 0 is "$", expected i64',
    });
  });

  it("is charged and goes with its registration", () => {
    const runtime = Runtime.init();
    const before = runtime.memoryReport().root.bytes;
    const symbols = [native("abc", "(i)i", (_e, i) => i), { symbol: "d", func: () => {} }];
    runtime.registerNatives("env", symbols);
    const item = runtime.memoryReport().root.items.find((i) => i.item === "native API registrations");
    // Two entries of 16 bytes, the names and the signature.
    assert.equal(item?.bytes, 32 + 4 + 4);
    assert.equal(item?.label, "env");
    runtime.unregisterNatives("env", symbols);
    assert.equal(runtime.memoryReport().root.bytes, before);
  });
});

describe("imports without a function", () => {
  const text = guest("i32", "i32");

  it("are refused by default", () => {
    assert.throws(() => embedText(Runtime.init(), text), { name: "LinkError", code: "unknown-import" });
  });

  it("trap by name when they are called, if so wished", () => {
    const warnings: string[] = [];
    const instance = embedText(Runtime.init(), text, { unlinkedImports: "trap", warn: (w) => warnings.push(w) });
    assert.deepEqual(warnings, [
      'unlinked import "env" "f", which traps when called: nothing of that name is registered',
    ]);
    assert.deepEqual(
      instance.unlinkedImports.map(({ module, name }) => [module, name]),
      [["env", "f"]],
    );
    assert.throws(() => (instance.exports.call as Call)(1), {
      name: "Trap",
      message: 'unlinked import called: "env" "f"',
    });
    assert.equal((instance.exports.grow as Call)(0), 1);
  });

  it("trap too where what is registered does not fit", () => {
    const runtime = Runtime.init();
    const warnings: string[] = [];
    runtime.registerNatives("env", [native("f", "()", () => {})]);
    const instance = embedText(runtime, text, { unlinkedImports: "trap", warn: (w) => warnings.push(w) });
    assert.match(warnings[0]!, /native signature "\(\)" does not fit \(i32\) -> \(i32\)/);
    assert.throws(() => (instance.exports.call as Call)(1), /unlinked import called/);
  });
});

describe("a native function", () => {
  it("gets the ExecEnv, its attachment and the instance", () => {
    const runtime = Runtime.init();
    const seen: unknown[] = [];
    const attached = { state: 1 };
    const func = (env: ExecEnv): void => void seen.push(env.attachment, env.instance, env.userData);
    runtime.registerNatives("env", [native("f", "()", func, attached)]);
    const instance = embedText(runtime, guest(""));
    const env = instance.createExecEnv({ userData: "mine" });
    env.call("call");
    assert.deepEqual(seen, [attached, instance, "mine"]);
    assert.equal(env.attachment, undefined);
    env.dispose();
  });

  it("runs in the instance's own ExecEnv when the host calls an export directly", () => {
    const runtime = Runtime.init();
    let env: ExecEnv | undefined;
    runtime.registerNatives("env", [native("f", "()", (e) => void (env = e))]);
    const instance = embedText(runtime, guest(""));
    (instance.exports.call as Call)();
    assert.equal(env, instance.execEnv);
    assert.equal(env!.callDepth, 0);
    assert.ok(env!.highWater > 0);
  });

  it("throws through the guest, untouched", () => {
    for (const thrown of [new RangeError("host's own"), new Error("host"), { any: "thing" }]) {
      const call = link(guest(""), "()", () => {
        throw thrown;
      });
      assert.throws(call, (error) => error === thrown);
    }
  });

  it("fails its call by setException", () => {
    const runtime = Runtime.init();
    runtime.registerNatives("env", [native("f", "()i", (env) => (env.instance.setException("no such key"), 1))]);
    const instance = embedText(runtime, guest("", "i32"));
    const env = instance.execEnv;
    assert.throws(
      () => env.call("call"),
      (error) => {
        assert.ok(error instanceof HostException);
        assert.equal(error.message, "no such key");
        return true;
      },
    );
    assert.equal(instance.exception, "Exception: no such key");
    instance.clearException();
    assert.equal(instance.exception, undefined);
  });

  it("keeps what it has set over calls in another ExecEnv", () => {
    const runtime = Runtime.init();
    runtime.registerNatives("env", [
      native("f", "(i)i", (env, n) => {
        if (n === 0) return 0;
        env.instance.setException("first");
        const other = env.instance.createExecEnv();
        assert.throws(() => other.call("call", [0]), /first/);
        other.dispose();
        env.instance.setException("second");
        return 1;
      }),
    ]);
    const instance = embedText(runtime, guest("i32", "i32"));
    assert.throws(() => instance.execEnv.call("call", [1]), /second/);
    assert.equal(instance.execEnv.call("call", [0]), 0);
  });

  it("may call the guest, which may call it again, and every frame knows its arguments", () => {
    const runtime = Runtime.init();
    const seen: string[] = [];
    runtime.registerNatives("env", [
      native("f", "(i)i", (env, n) => {
        if (n === 0) {
          for (const { kind, name, args } of env.frames()) seen.push(`${kind} ${name} ${args.join()}`);
          return 0;
        }
        const again = env.call("call", [n - 1]) as number;
        return again + n;
      }),
    ]);
    const instance = embedText(runtime, guest("i32", "i32"));
    const env = instance.createExecEnv();
    assert.equal(env.call("call", [2]), 3);
    assert.deepEqual(seen, ["native f 0", "wasm 1 0", "native f 1", "wasm 1 1", "native f 2", "wasm 1 2"]);
    assert.equal(env.stackUsed, 0);
    assert.equal(env.highWater, 6 * 16);
    env.dispose();
  });

  it("that an instance has handed on is of no use after its end", () => {
    const runtime = Runtime.init();
    let calls = 0;
    runtime.registerNatives("env", [native("f", "()", () => void calls++)]);
    const giver = embedText(runtime, '(module (import "env" "f" (func $f)) (export "f" (func $f)))');
    const takerText = '(module (import "giver" "f" (func $f)) (func (export "run") (call $f)))';
    const taker = embedText(runtime, takerText, { imports: { giver: giver.exports } });
    taker.execEnv.call("run");
    giver.dispose();
    assert.throws(() => taker.execEnv.call("run"), LifetimeError);
    assert.throws(() => (taker.exports.run as Call)(), LifetimeError);
    assert.equal(calls, 1);
    assert.equal(taker.execEnv.callDepth, 0);
  });

  it("of an instance that another one calls gets that instance, and the caller's ExecEnv", () => {
    const runtime = Runtime.init();
    const seen: [ExecEnv, unknown][] = [];
    runtime.registerNatives("env", [native("f", "(*~)", (env, p) => void seen.push([env, [...p.bytes]]))]);
    const inner = embedText(runtime, guest("i32 i32", "", '(data (i32.const 5) "in")'));
    const outerText = `(module (import "inner" "call" (func $inner (param i32 i32)))
      (import "env" "f" (func $f (param i32 i32))) (memory 1) (data (i32.const 5) "ex")
      (func (export "both") (call $f (i32.const 5) (i32.const 2)) (call $inner (i32.const 5) (i32.const 2))
        (call $f (i32.const 5) (i32.const 2))))`;
    const outer = embedText(runtime, outerText, { imports: { inner: inner.exports } });
    const env = outer.createExecEnv();
    env.call("both");
    const bytes = (text: string): number[] => [...Buffer.from(text)];
    assert.deepEqual(
      seen.map(([, b]) => b),
      [bytes("ex"), bytes("in"), bytes("ex")],
    );
    assert.ok(seen.every(([e]) => e === env));
    assert.equal(env.instance, outer);
    env.dispose();
  });
});

describe("raw native functions", () => {
  it("take arguments from 8-byte cells and leave the result in the first", () => {
    const runtime = Runtime.init();
    runtime.registerNativesRaw("env", [
      {
        symbol: "f",
        func: (_env, args) => {
          assert.equal(args.byteLength, 32);
          const sum =
            BigInt(args.getInt32(0, true)) +
            args.getBigInt64(8, true) +
            BigInt(args.getFloat32(16, true)) +
            BigInt(args.getFloat64(24, true));
          args.setBigInt64(0, sum, true);
        },
      },
    ]);
    const { call } = embedText(runtime, guest("i32 i64 f32 f64", "i64")).exports as Record<string, Call>;
    assert.equal(call!(-1, 2n ** 40n, 16, 2 ** 50), 2n ** 40n + 2n ** 50n + 15n);
  });

  it("have a cell for the result where there are no arguments", () => {
    const runtime = Runtime.init();
    runtime.registerNativesRaw("env", [{ symbol: "f", func: (_env, args) => args.setFloat32(0, 1.5, true) }]);
    assert.equal((embedText(runtime, guest("", "f32")).exports.call as Call)(), 1.5);
  });

  it("have their pointers checked where a signature says which they are", () => {
    const runtime = Runtime.init();
    let calls = 0;
    runtime.registerNativesRaw("env", [{ symbol: "f", signature: "(*~$)", func: () => void calls++ }]);
    const { call } = embedText(runtime, guest("i32 i32 i32")).exports as Record<string, Call>;
    call!(0, 10, 0);
    assert.equal(calls, 1);
    assert.throws(() => call!(PAGE - 9, 10, 0), outOfBounds());
    assert.throws(() => call!(0, 10, PAGE), outOfBounds());
    assert.equal(calls, 1);
  });

  it("cannot take references", () => {
    const runtime = Runtime.init();
    runtime.registerNativesRaw("env", [{ symbol: "f", func: () => {} }]);
    assert.throws(() => embedText(runtime, guest("externref")), /raw native functions take numbers only/);
  });
});
