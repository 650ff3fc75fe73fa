// Generates typed expressions from the top down. Every value that leaves its expression (stored, returned, reinterpreted,
// its sign copied) has specified bits: an arithmetic NaN, which may have any payload, is replaced by one constant NaN
// first, so that engines can be compared bit by bit.
import { Op } from "../../runtime/wasm/opcodes.js";
import { idiom } from "./idioms.js";
import { LOADS, PURE, randomConstant } from "./menu.js";
import type { PureEntry } from "./menu.js";
import { constant, i32, node } from "./nodes.js";
import type { Label, Letter, Node, Signature } from "./program.js";
import { isFloat } from "./program.js";
import { Conversions } from "./conversions.js";

const EQUAL_OP: Readonly<Record<string, Op>> = { f: Op.f32_eq, d: Op.f64_eq };

export abstract class Expressions extends Conversions {
  protected abstract statements(into: Node[], count: number, depth: number): void;

  /** An expression whose bits are specified. */
  protected observed(type: Letter, depth: number): Node {
    return this.canonical(this.expression(type, depth));
  }

  /** The value, with one constant NaN in the place of any whose bits are not specified. */
  protected canonical(value: Node): Node {
    if (value.wild !== true) return value;
    const type = value.results[0]!;
    const local = this.scratchLocal(type);
    const get = (): Node => node(Op.local_get, [type], [], [local]);
    const isNumber = node(EQUAL_OP[type]!, ["i"], [get(), get()]);
    const nan = constant(type, type === "f" ? 0x7fc0_0000 : 0x7ff8_0000_0000_0000n);
    return node(Op.select, [type], [node(Op.local_tee, [type], [value], [local]), nan, isNumber]);
  }

  protected expression(type: Letter, depth: number): Node {
    this.budget--;
    if (type === "n" || type === "e") return this.reference(type, depth);
    if (depth <= 0 || this.budget <= 0) return this.leaf(type);
    const { rng } = this;
    return rng.weighted<() => Node>([
      [4, () => this.leaf(type)],
      [24, () => this.pure(type, depth)],
      [5, () => idiom(this.rng, type, (operand) => this.expression(operand, depth - 2)) ?? this.pure(type, depth)],
      [type === "i" || type === "l" ? 2 : 0, () => this.checkedConversion(type as "i" | "l", depth)],
      [5, () => this.load(type, depth)],
      [3, () => this.select(type, depth)],
      [3, () => this.ifExpression(type, depth)],
      [2, () => this.blockExpression(type, depth)],
      [
        3,
        () =>
          this.anyCall((signature) => signature.results.length === 1 && signature.results[0] === type, depth) ??
          this.pure(type, depth),
      ],
      [2, () => this.tee(type, depth)],
      [type === "i" ? 2 : 0, () => this.query(depth)],
      [1, () => this.branchIfExpression(type, depth)],
      [rng.chance(10) ? 1 : 0, () => ({ ...(this.jump(depth) ?? this.leaf(type)), results: [type] })],
    ])();
  }

  protected leaf(type: Letter): Node {
    const { rng } = this;
    if (rng.chance(45)) {
      const local = this.readableLocal(type);
      if (local !== undefined) return { ...node(Op.local_get, [type], [], [local]), wild: this.wildLocals.has(local) };
    }
    if (rng.chance(25)) {
      const globals = this.program.globals
        .map((_, i) => i)
        .filter((i) => this.program.globals[i]!.type === type && i < this.program.fuelGlobal);
      if (globals.length > 0) return node(Op.global_get, [type], [], [rng.pick(globals)]);
    }
    return constant(type, randomConstant(rng, type));
  }

  protected pure(type: Letter, depth: number): Node {
    let entry = this.rng.pick(PURE.get(type)!);
    // Most instructions that can trap are chosen again, or functions would hardly ever come to their end.
    for (let tries = 0; entry.traps && tries < 3 && this.rng.chance(80); tries++)
      entry = this.rng.pick(PURE.get(type)!);
    const divides = entry.traps && entry.operands.length === 2;
    const copysign = entry.op === Op.f32_copysign || entry.op === Op.f64_copysign;
    if (divides && this.rng.chance(75)) return this.harmlessDivision(entry, type, depth);
    const reinterprets = !isFloat(type) && (entry.op === Op.i32_reinterpret_f32 || entry.op === Op.i64_reinterpret_f64);
    const args = entry.operands.map((operand, i) =>
      reinterprets || (copysign && i === 1) ? this.observed(operand, depth - 1) : this.expression(operand, depth - 1),
    );
    const keepsBits = isFloat(type) && !entry.arithmetic && args[0]!.wild === true && entry.operands[0] === type;
    return { ...node(entry.op, [type], args), wild: entry.arithmetic || keepsBits };
  }

  // A division by something that is not zero.
  protected harmlessDivision(entry: PureEntry, type: Letter, depth: number): Node {
    const [or, one] = type === "i" ? [Op.i32_or, constant("i", 1)] : [Op.i64_or, constant("l", 1n)];
    const divisor = node(or, [type], [this.expression(type, depth - 1), one]);
    return node(entry.op, [type], [this.expression(type, depth - 1), divisor]);
  }

  protected load(type: Letter, depth: number): Node {
    if (this.program.memories.length === 0) return this.leaf(type);
    const entry = this.rng.pick(LOADS.get(type)!);
    const memory = this.memory();
    return node(entry.op, [type], [this.address(memory, depth - 1)], this.memarg(memory, entry.alignLog2));
  }

  protected select(type: Letter, depth: number): Node {
    const [a, b] = [this.expression(type, depth - 1), this.expression(type, depth - 1)];
    return {
      ...node(this.rng.chance(30) ? Op.select_t : Op.select, [type], [a, b, this.expression("i", depth - 1)]),
      wild: a.wild === true || b.wild === true,
    };
  }

  protected ifExpression(type: Letter, depth: number): Node {
    const result = node(Op.if, [type], [this.expression("i", depth - 1)]);
    result.label = { types: [type], isLoop: false };
    const fill = (into: Node[]): void => {
      this.statements(into, this.rng.below(2), depth - 2);
      into.push(this.expression(type, depth - 1));
    };
    result.body = this.inside(result.label, fill);
    result.otherwise = this.inside(result.label, fill);
    result.wild = isFloat(type);
    return result;
  }

  protected blockExpression(type: Letter, depth: number): Node {
    const result = node(Op.block, [type]);
    result.label = { types: [type], isLoop: false };
    result.body = this.inside(result.label, (into) => {
      this.statements(into, this.rng.below(3), depth - 2);
      into.push(this.expression(type, depth - 1));
    });
    result.wild = isFloat(type);
    return result;
  }

  protected branchIfExpression(type: Letter, depth: number): Node {
    const labels = this.labels.filter((label) => label.types.length === 1 && label.types[0] === type);
    if (labels.length === 0) return this.leaf(type);
    const result = node(Op.br_if, [type], [this.observed(type, depth - 1), this.expression("i", depth - 1)]);
    result.targets = [this.rng.pick(labels)];
    return result;
  }

  protected tee(type: Letter, depth: number): Node {
    const local = this.anyLocal((i) => this.locals[i] === type);
    if (local === undefined) return this.leaf(type);
    const wild = this.wildLocals.has(local);
    return {
      ...node(
        Op.local_tee,
        [type],
        [wild ? this.expression(type, depth - 1) : this.observed(type, depth - 1)],
        [local],
      ),
      wild,
    };
  }

  protected query(depth: number): Node {
    const { rng, program } = this;
    const choice = rng.below(4);
    if (choice === 0 && program.memories.length > 0) return node(Op.memory_size, ["i"], [], [this.memory()]);
    if (choice === 1 && program.memories.length > 0)
      return node(Op.memory_grow, ["i"], [i32(rng.pick([0, 0, 1, 1, 2, 70000, -1]))], [this.memory()]);
    if (choice === 2 && program.tables.length > 0)
      return node(Op.table_size, ["i"], [], [rng.below(program.tables.length)]);
    return node(Op.ref_is_null, ["i"], [this.reference(rng.chance(50) ? "n" : "e", depth - 1)]);
  }

  protected reference(type: "n" | "e", depth: number): Node {
    const { rng, program } = this;
    const local = this.readableLocal(type);
    if (local !== undefined && rng.chance(35)) return node(Op.local_get, [type], [], [local]);
    const tables = program.tables.map((_, i) => i).filter((i) => program.tables[i]!.element === type);
    if (tables.length > 0 && depth > 0 && rng.chance(30)) {
      const table = rng.pick(tables);
      return node(Op.table_get, [type], [this.tableIndex(table, depth - 1)], [table]);
    }
    if (depth > 0 && rng.chance(15))
      return node(
        Op.select_t,
        [type],
        [this.reference(type, depth - 1), this.reference(type, depth - 1), this.expression("i", depth - 1)],
      );
    if (type === "n" && rng.chance(70))
      return node(Op.ref_func, [type], [], [rng.below(program.hosts.length + program.funcs.length)]);
    return node(Op.ref_null, [type], [], [type === "n" ? 0x70 : 0x6f]);
  }

  protected anyCall(fits: (signature: Signature) => boolean, depth: number): Node | undefined {
    if (this.rng.chance(35)) {
      const call = this.indirect(Op.call_indirect, fits, depth);
      if (call !== undefined) return call;
    }
    const callee = this.callee(fits);
    if (callee === undefined) return undefined;
    const { params, results } = this.signatureOf(callee);
    return node(
      Op.call,
      results,
      params.map((type) => this.observed(type, depth - 1)),
      [callee],
    );
  }

  protected indirect(op: Op, fits: (signature: Signature) => boolean, depth: number): Node | undefined {
    const tables = this.program.tables.map((_, i) => i).filter((i) => this.program.tables[i]!.element === "n");
    const callee = this.callee(fits);
    if (tables.length === 0 || callee === undefined) return undefined;
    const { params, results } = this.signatureOf(callee);
    const filled = tables.filter((i) => this.program.elements.some(({ at }) => at?.table === i && at.offset === 0));
    const table = this.rng.pick(filled.length > 0 && this.rng.chance(90) ? filled : tables);
    // Mostly an element that is likely to hold the callee: tables are filled with all functions in order, imports last.
    const { hosts, funcs } = this.program;
    const element = callee < hosts.length ? funcs.length + callee : callee - hosts.length;
    const index = this.rng.chance(92) ? i32(element) : this.tableIndex(table, depth - 1);
    const call = node(op, results, [...params.map((type) => this.observed(type, depth - 1)), index], [table]);
    call.calls = { params, results };
    return call;
  }

  /** An instruction after which nothing runs. */
  protected jump(depth: number): Node | undefined {
    const { rng } = this;
    return rng.weighted<() => Node | undefined>([
      [1, () => node(Op.unreachable, [])],
      [6, () => this.branchTo(rng.pick(this.labels), depth)],
      [
        3,
        () =>
          node(
            Op.return,
            [],
            this.func.results.map((type) => this.observed(type, depth)),
          ),
      ],
      [this.options.tailCalls ? 6 : 0, () => this.tailCall(depth)],
    ])();
  }

  protected branchTo(label: Label, depth: number): Node {
    const result = node(
      Op.br,
      [],
      label.types.map((type) => this.observed(type, depth)),
    );
    result.targets = [label];
    return result;
  }

  protected tailCall(depth: number): Node | undefined {
    const same = (signature: Signature): boolean => signature.results.join() === this.func.results.join();
    if (this.rng.chance(50)) {
      const callee = this.callee(same);
      if (callee === undefined) return undefined;
      return node(
        Op.return_call,
        [],
        this.signatureOf(callee).params.map((type) => this.observed(type, depth)),
        [callee],
      );
    }
    const call = this.indirect(Op.return_call_indirect, same, depth);
    return call;
  }

  protected address(memory: number, depth: number): Node {
    const { rng } = this;
    const size = this.memoryDef(memory).min * 65536;
    return rng.weighted<() => Node>([
      [160, () => i32(rng.below(256))],
      [
        200,
        () => node(Op.i32_and, ["i"], [this.expression("i", depth - 1), i32(rng.pick([0xff, 0xff, 0xfff, 0xfffc]))]),
      ],
      [6, () => i32(size - 8 - rng.below(12))],
      [2, () => i32(size - rng.below(12))],
      [1, () => i32(-rng.below(20))],
      // What an offset would bring back into the memory, if the address were not unsigned.
      [2, () => node(Op.i32_or, ["i"], [rng.chance(50) ? this.load("i", depth - 1) : this.leaf("i"), i32(-64)])],
      [1, () => this.expression("i", depth - 1)],
      [1, () => this.leaf("i")],
    ])();
  }

  protected memarg(memory: number, alignLog2: number): number[] {
    const { rng } = this;
    const align = rng.below(alignLog2 + 1);
    const offset = rng.weighted<() => number>([
      [160, () => 0],
      [140, () => rng.below(64)],
      [4, () => rng.below(60000)],
      [1, () => rng.pick([0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff])],
    ])();
    return memory === 0 && !(this.options.multiMemory && rng.chance(10))
      ? [align, offset]
      : [align | 0x40, memory, offset];
  }

  protected length(depth: number): Node {
    return this.rng.chance(80)
      ? i32(this.rng.below(40))
      : node(Op.i32_and, ["i"], [this.expression("i", depth - 1), i32(0x3ff)]);
  }

  protected tableIndex(table: number, depth: number): Node {
    const size = this.program.tables[table]!.min;
    if (this.rng.chance(80)) return i32(this.rng.below(size + (this.rng.chance(10) ? 2 : 0)));
    return node(Op.i32_and, ["i"], [this.expression("i", depth - 1), i32(this.rng.chance(20) ? 7 : 1)]);
  }
}
