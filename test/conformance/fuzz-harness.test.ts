// The fuzzer tested: an oracle that cannot find a bug, or a minimizer that loses it, would report success for ever. The
// engine under test is the native one made wrong in one instruction.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compare } from "../fuzz/compare.js";
import { execute } from "../fuzz/execute.js";
import { generateProgram } from "../fuzz/generate.js";
import { minimize } from "../fuzz/minimize.js";
import { encodeProgram } from "../fuzz/program.js";
import { NativeEngine } from "../support/native-engine.js";
import { W } from "../support/webassembly.js";
import { decode } from "../../runtime/wasm/decode.js";
import { instructionsOf } from "../../runtime/wasm/instructions.js";
import { Op } from "../../runtime/wasm/opcodes.js";

/** Runs `to` wherever a module says `from`; both are one-byte opcodes of the same type. */
class WrongEngine extends NativeEngine {
  override readonly name = "wrong";
  private readonly from: Op;
  private readonly to: Op;

  constructor(from: Op, to: Op) {
    super();
    this.from = from;
    this.to = to;
  }

  override compile(bytes: Uint8Array): ReturnType<NativeEngine["compile"]> {
    const changed = bytes.slice();
    const module = decode(bytes);
    for (const body of module.code) {
      for (const { op, at } of instructionsOf(bytes, body)) if (op === this.from) changed[at] = this.to;
    }
    return super.compile(changed);
  }
}

const WRONGS: readonly (readonly [name: string, from: Op, to: Op])[] = [
  ["i64.rotl is i64.rotr", Op.i64_rotl, Op.i64_rotr],
  ["i64.shr_s is i64.shr_u", Op.i64_shr_s, Op.i64_shr_u],
  ["i32.lt_u is i32.lt_s", Op.i32_lt_u, Op.i32_lt_s],
  ["i64.load32_u is i64.load32_s", Op.i64_load32_u, Op.i64_load32_s],
  ["i32.load8_s is i32.load8_u", Op.i32_load8_s, Op.i32_load8_u],
  ["i64.store32 is i64.store16", Op.i64_store32, Op.i64_store16],
  ["f32.copysign is f32.min", Op.f32_copysign, Op.f32_min],
  ["f64.ceil is f64.nearest", Op.f64_ceil, Op.f64_nearest],
  ["i64.trunc_f64_u is i64.trunc_f64_s", Op.i64_trunc_f64_u, Op.i64_trunc_f64_s],
];

const skip = W === undefined ? "there is no native WebAssembly here" : false;

describe("the differential fuzzer", { skip }, () => {
  const native = W === undefined ? (undefined as never) : new NativeEngine();
  const options = { features: new Set<string>() };

  it("makes the same module of the same seed", () => {
    for (let seed = 0; seed < 20; seed++) {
      assert.deepEqual(encodeProgram(generateProgram(seed, options)), encodeProgram(generateProgram(seed, options)));
    }
  });

  it("makes valid modules, whose traces are the same each time and mostly results", () => {
    let results = 0;
    let traps = 0;
    for (let seed = 0; seed < 200; seed++) {
      const bytes = encodeProgram(generateProgram(seed, options));
      assert.ok(W.validate(bytes), `seed ${seed}`);
      const trace = execute(native, bytes);
      assert.deepEqual(execute(native, bytes), trace);
      for (const line of trace) {
        if (!line.startsWith("f")) continue;
        if (line.includes(" = trap")) traps++;
        else results++;
      }
    }
    assert.ok(results > 300 && traps > 50, `${results} results, ${traps} traps`);
  });

  for (const [name, from, to] of WRONGS) {
    it(`finds that ${name}, and makes it small`, () => {
      const wrong = new WrongEngine(from, to);
      for (let seed = 0; seed < 2000; seed++) {
        const program = generateProgram(seed, options);
        const before = encodeProgram(program);
        const found = compare(native, [wrong], before);
        if (found === undefined) continue;
        minimize(program, (bytes) => compare(native, [wrong], bytes)?.kind === found.kind);
        const after = encodeProgram(program);
        assert.ok(compare(native, [wrong], after) !== undefined);
        const instructions = decode(after).code.reduce((sum, body) => sum + [...instructionsOf(after, body)].length, 0);
        assert.ok(instructions < 150, `still ${instructions} instructions (${after.length} of ${before.length} bytes)`);
        return;
      }
      assert.fail("not found in 2000 modules");
    });
  }
});
