// Modules at the size of the largest that occur in practice, and stacks that overflow.
import assert from "node:assert/strict";
import { Op } from "../../runtime/wasm/opcodes.js";
import { F64, FUNCREF, I32, I64 } from "../../runtime/wasm/types.js";
import { ByteWriter } from "../support/module-builder.js";
import type { Case } from "./suite.js";

const VOID = 0x40;

export const LIMIT_CASES: readonly Case[] = [
  {
    name: "an exhausted stack is a trap, and the instance goes on working",
    run: (bench) => {
      const { forever, sum, memory } = bench.run((m) => {
        m.memory({ min: 1 });
        m.export("memory", "memory", 0);
        m.export(
          "forever",
          "func",
          m.func(m.type([I32], [I64]), [], [Op.local_get, 0, Op.call, 0, Op.i64_const, 1, Op.i64_add]),
        );
        const type = m.type([I32], [I32]);
        const body = [
          Op.local_get,
          0,
          Op.i32_eqz,
          Op.if,
          VOID,
          Op.i32_const,
          0,
          Op.return,
          Op.end,
          Op.local_get,
          0,
          Op.local_get,
          0,
          Op.i32_const,
          1,
          Op.i32_sub,
          Op.call,
          1,
          Op.i32_add,
        ];
        m.export("sum", "func", m.func(type, [], body));
      });
      for (let i = 0; i < 3; i++) {
        bench.fails(() => forever(i), "exhaustion");
        assert.equal(sum(1000), 500500);
      }
      new Uint8Array(memory.buffer)[0] = 1;
    },
  },
  {
    name: "a stack exhausted by calls through a table is a trap too",
    run: (bench) => {
      const table = bench.run((m) => {
        m.table(FUNCREF, { min: 1 });
        const type = m.type([I64], [I64]);
        const f = m.func(
          type,
          [],
          [Op.local_get, 0, Op.i32_const, 0, Op.call_indirect, type, 0, Op.i64_const, 1, Op.i64_add],
        );
        m.elements([f], { table: 0, offset: 0 });
        m.export("f", "func", f);
      });
      bench.fails(() => table["f"](1n), "exhaustion");
    },
  },
  {
    name: "5,000 nested blocks",
    run: (bench) => {
      const depth = 5000;
      const { f } = bench.run((m) => {
        const code = new ByteWriter();
        for (let i = 0; i < depth; i++) code.op(Op.block).byte(VOID);
        code
          .code(Op.local_get, 0, Op.br_if, 0, Op.local_get, 1, Op.br_if)
          .u32(depth - 1)
          .code(Op.local_get, 1, Op.i32_const, 1, Op.i32_add, Op.local_set, 1);
        for (let i = 0; i < depth; i++) code.op(Op.end);
        code.code(Op.local_get, 1);
        m.export("f", "func", m.func(m.type([I32, I32], [I32]), [], code));
      });
      assert.deepEqual([f(1, 5), f(0, 5), f(0, 0)], [5, 5, 1]);
    },
  },
  {
    name: "1,500 nested blocks, loops and ifs, each doing something",
    run: (bench) => {
      const depth = 500;
      const { f } = bench.run((m) => {
        const code = new ByteWriter();
        const step = [Op.local_get, 1, Op.i32_const, 1, Op.i32_add, Op.local_set, 1] as const;
        for (let i = 0; i < depth; i++)
          code.code(Op.block, VOID, ...step, Op.loop, VOID, ...step, Op.local_get, 0, Op.if, VOID, ...step);
        for (let i = 0; i < depth; i++) code.code(...step, Op.end, Op.end, Op.end, ...step);
        code.code(Op.local_get, 1);
        m.export("f", "func", m.func(m.type([I32, I32], [I32]), [], code));
      });
      assert.equal(f(1, 0), 5 * depth);
      assert.equal(f(0, 0), 3);
    },
  },
  {
    name: "an expression of 5,000 operands, and one 3,000 deep",
    run: (bench) => {
      const { chain, deep } = bench.run((m) => {
        const type = m.type([I32], [I32]);
        const code = new ByteWriter().code(Op.local_get, 0);
        for (let i = 0; i < 5000; i++) code.code(Op.local_get, 0, i % 2 === 0 ? Op.i32_add : Op.i32_xor);
        m.export("chain", "func", m.func(type, [], code));
        const nest = new ByteWriter();
        for (let i = 0; i < 3000; i++) nest.code(Op.local_get, 0);
        for (let i = 1; i < 3000; i++) nest.op(i % 3 === 0 ? Op.i32_sub : Op.i32_add);
        m.export("deep", "func", m.func(type, [], nest));
      });
      let expected = 7;
      for (let i = 0; i < 5000; i++) expected = i % 2 === 0 ? (expected + 7) | 0 : expected ^ 7;
      assert.equal(chain(7), expected);
      let right = 7;
      for (let i = 1; i < 3000; i++) right = i % 3 === 0 ? (7 - right) | 0 : (7 + right) | 0;
      assert.equal(deep(7), right);
    },
  },
  {
    name: "br_table of 5,000 targets, to many blocks and to few",
    run: (bench) => {
      const targets = 5000;
      const blocks = 200;
      const { f } = bench.run((m) => {
        const code = new ByteWriter();
        for (let i = 0; i <= blocks; i++) code.op(Op.block).byte(VOID);
        code.code(Op.local_get, 0, Op.br_table).u32(targets);
        for (let i = 0; i < targets; i++) code.u32(i % blocks);
        code.u32(blocks);
        for (let i = 0; i < blocks; i++) code.op(Op.end).op(Op.i32_const).s32(i).op(Op.return);
        code.code(Op.end, Op.i32_const).s32(-1);
        m.export("f", "func", m.func(m.type([I32], [I32]), [], code));
      });
      for (const i of [0, 1, 199, 200, 4999, 2500]) assert.equal(f(i), i % blocks);
      for (const i of [5000, -1, 0x7fffffff, -0x80000000]) assert.equal(f(i), -1);
    },
  },
  {
    name: "1,535 locals of mixed types",
    run: (bench) => {
      const types = Array.from({ length: 1535 }, (_, i) => [I32, I64, F64][i % 3]!);
      const { f } = bench.run((m) => {
        const code = new ByteWriter();
        // Local i+1 (after the parameter) becomes n+i, in its type; the sum of all is returned as f64.
        types.forEach((type, i) => {
          code.code(Op.local_get, 0).op(Op.i32_const).s32(i).op(Op.i32_add);
          if (type === I64) code.op(Op.i64_extend_i32_s);
          if (type === F64) code.op(Op.f64_convert_i32_s);
          code.op(Op.local_set).u32(i + 1);
        });
        code.op(Op.f64_const).fixed64(0n);
        types.forEach((type, i) => {
          code.op(Op.local_get).u32(i + 1);
          if (type === I32) code.op(Op.f64_convert_i32_s);
          if (type === I64) code.op(Op.f64_convert_i64_s);
          code.op(Op.f64_add);
        });
        m.export("f", "func", m.func(m.type([I32], [F64]), types, code));
      });
      assert.equal(f(10), (1535 * 1534) / 2 + 15350);
    },
  },
  {
    name: "functions of 1,000 parameters and 1,000 results",
    run: (bench) => {
      const types = Array.from({ length: 1000 }, (_, i) => [I32, I64, F64][i % 3]!);
      const { f, g } = bench.run((m) => {
        const type = m.type(types, types);
        const code = new ByteWriter();
        for (let i = 0; i < 1000; i++) code.op(Op.local_get).u32(i);
        m.export("f", "func", m.func(type, [], code));
        const through = new ByteWriter();
        for (let i = 0; i < 1000; i++) through.op(Op.local_get).u32(i);
        m.export("g", "func", m.func(type, [], through.code(Op.call, 0)));
      });
      const args = types.map((type, i) => (type === I64 ? BigInt(i) << 20n : type === F64 ? i + 0.5 : -i | 0));
      assert.deepEqual(f(...args), args);
      assert.deepEqual(g(...args), args);
    },
  },
  {
    name: "50,000 functions",
    run: (bench) => {
      const count = 50_000;
      const { f, last } = bench.run((m) => {
        const type = m.type([I32], [I32]);
        for (let i = 0; i < count; i++) {
          const code = new ByteWriter().code(Op.local_get, 0).op(Op.i32_const).s32(i).op(Op.i32_xor);
          // Every 5,000th calls the one 5,000 before it.
          if (i >= 5000 && i % 5000 === 0) code.op(Op.call).u32(i - 5000);
          m.func(type, [], code);
        }
        m.export("f", "func", 45_000);
        m.export("last", "func", count - 1);
      });
      let expected = 1;
      for (let i = 45_000; i >= 0; i -= 5000) expected ^= i;
      assert.equal(f(1), expected);
      assert.equal(last(0), count - 1);
    },
  },
  {
    name: "a function of 200,000 instructions",
    run: (bench) => {
      const { f } = bench.run((m) => {
        m.memory({ min: 1 });
        const code = new ByteWriter();
        for (let i = 0; i < 20_000; i++) {
          code
            .code(Op.local_get, 0, Op.local_get, 1)
            .op(Op.i64_const)
            .s64(BigInt(i))
            .code(Op.i64_mul, Op.i64_xor, Op.local_tee, 0);
          code.code(Op.i32_wrap_i64, Op.i32_const, 15, Op.i32_and, Op.local_set, 2);
        }
        m.export("f", "func", m.func(m.type([I64, I64], [I64]), [I32], code.code(Op.local_get, 0)));
      });
      let expected = 5n;
      for (let i = 0; i < 20_000; i++) expected = BigInt.asIntN(64, expected ^ (0x1234_5678_9abc_def1n * BigInt(i)));
      assert.equal(f(5n, 0x1234_5678_9abc_def1n), expected);
    },
  },
];
