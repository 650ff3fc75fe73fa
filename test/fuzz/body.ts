// Generates function bodies: typed expressions from the top down, statements around them. Every value that leaves its
// expression (stored, returned, reinterpreted, its sign copied) has specified bits: an arithmetic NaN, which may have any
// payload, is replaced by one constant NaN first, so that engines can be compared bit by bit.
import { Op } from "../../runtime/wasm/opcodes.js";
import { randomConstant, LOADS, PURE, STORES } from "./menu.js";
import type { PureEntry } from "./menu.js";
import type { Func, Label, Letter, MemoryDef, Node, Program, Signature } from "./program.js";
import { isFloat, Pseudo } from "./program.js";
import type { Rng } from "./rng.js";

export interface BodyOptions {
  readonly tailCalls: boolean;
  readonly multiMemory: boolean;
}

const CONST_OP: Readonly<Record<string, Op>> = { i: Op.i32_const, l: Op.i64_const, f: Op.f32_const, d: Op.f64_const };
const EQUAL_OP: Readonly<Record<string, Op>> = { f: Op.f32_eq, d: Op.f64_eq };
const NUMBERS: readonly Letter[] = ["i", "l", "f", "d"];

export function node(op: number, results: readonly Letter[], args: Node[] = [], imms: readonly number[] = []): Node {
  return { op, imms, args, results };
}

export function constant(type: Letter, value: number | bigint): Node {
  return { op: CONST_OP[type]!, imms: [], args: [], results: [type], value };
}

const i32 = (value: number): Node => constant("i", value);

/** Fills in the body of `func`. Functions, globals, tables and memories of the program must be declared already. */
export function generateBody(rng: Rng, program: Program, func: Func, options: BodyOptions): void {
  new BodyGenerator(rng, program, func, options).run();
}

class BodyGenerator {
  private readonly locals: Letter[];
  // Float locals whose NaNs may have unspecified bits.
  private readonly wildLocals = new Set<number>();
  private readonly scratch = new Map<Letter, number>();
  // Locals that statements must leave alone: loop counters and scratch.
  private readonly reserved = new Set<number>();
  private readonly labels: Label[];
  private budget: number;

  private readonly rng: Rng;
  private readonly program: Program;
  private readonly func: Func;
  private readonly options: BodyOptions;

  constructor(rng: Rng, program: Program, func: Func, options: BodyOptions) {
    this.rng = rng;
    this.program = program;
    this.func = func;
    this.options = options;
    this.locals = [...func.params, ...func.locals];
    this.labels = [func.label];
    this.budget = rng.between(10, 90);
    this.locals.forEach((type, i) => {
      if (i >= func.params.length && isFloat(type) && rng.chance(50)) this.wildLocals.add(i);
    });
  }

  run(): void {
    const body: Node[] = [node(Pseudo.fuel, [])];
    this.statements(body, this.rng.between(1, 8), 4);
    for (const type of this.func.results) body.push(this.observed(type, 5));
    this.func.body = body;
  }

  // ---- statements

  private statements(into: Node[], count: number, depth: number): void {
    for (let i = 0; i < count && this.budget > 0; i++) into.push(this.statement(depth));
  }

  private statement(depth: number): Node {
    const { rng } = this;
    this.budget--;
    const nested = depth > 0 ? 1 : 0;
    return rng.weighted<() => Node>([
      [14, () => this.localSet(depth)],
      [6, () => this.globalSet(depth)],
      [10, () => this.store(depth)],
      [4, () => node(Pseudo.spread, [], [this.expression(this.anyType(), depth + 1)], [-1])],
      [8 * nested, () => this.ifStatement(depth)],
      [5 * nested, () => this.blockStatement(depth)],
      [6 * nested, () => this.countedLoop(depth)],
      [3 * nested, () => this.switchStatement(depth)],
      [5, () => this.branchIf(depth)],
      [1, () => this.jump(depth) ?? node(Op.nop, [])],
      [6, () => this.callStatement(depth)],
      [2 * nested, () => this.blockWithParams(depth)],
      [3, () => this.bulkMemory(depth)],
      [3, () => this.tableStatement(depth)],
      [1, () => node(Op.nop, [])],
    ])();
  }

  private localSet(depth: number): Node {
    const local = this.anyLocal(() => true);
    if (local === undefined) return node(Op.nop, []);
    const type = this.locals[local]!;
    return node(
      Op.local_set,
      [],
      [this.wildLocals.has(local) ? this.expression(type, depth + 1) : this.observed(type, depth + 1)],
      [local],
    );
  }

  private globalSet(depth: number): Node {
    const choices = this.program.globals
      .map((_, i) => i)
      .filter((i) => this.program.globals[i]!.mutable && i !== this.program.fuelGlobal);
    if (choices.length === 0) return node(Op.nop, []);
    const global = this.rng.pick(choices);
    return node(Op.global_set, [], [this.observed(this.program.globals[global]!.type, depth + 1)], [global]);
  }

  private store(depth: number): Node {
    if (this.program.memories.length === 0) return node(Op.nop, []);
    const entry = this.rng.pick(STORES);
    const memory = this.memory();
    return node(
      entry.op,
      [],
      [this.address(memory, depth), this.observed(entry.value, depth)],
      this.memarg(memory, entry.alignLog2),
    );
  }

  private ifStatement(depth: number): Node {
    const result = node(Op.if, [], [this.expression("i", depth - 1)]);
    result.label = { types: [], isLoop: false };
    result.body = this.inside(result.label, (into) => this.statements(into, this.rng.between(1, 4), depth - 1));
    if (this.rng.chance(50))
      result.otherwise = this.inside(result.label, (into) => this.statements(into, this.rng.between(1, 3), depth - 1));
    return result;
  }

  private blockStatement(depth: number): Node {
    const result = node(Op.block, []);
    result.label = { types: [], isLoop: false };
    result.body = this.inside(result.label, (into) => this.statements(into, this.rng.between(1, 5), depth - 1));
    return result;
  }

  // loop { fuel; …; if (--counter != 0) continue }, inside a block so that branches out of it occur.
  private countedLoop(depth: number): Node {
    const counter = this.newLocal("i");
    this.reserved.add(counter);
    const loop = node(Op.loop, []);
    loop.label = { types: [], isLoop: true };
    loop.body = this.inside(loop.label, (into) => {
      into.push(node(Pseudo.fuel, []));
      this.statements(into, this.rng.between(1, 5), depth - 1);
      const left = node(
        Op.local_tee,
        ["i"],
        [node(Op.i32_sub, ["i"], [node(Op.local_get, ["i"], [], [counter]), i32(1)])],
        [counter],
      );
      const again = node(Op.br_if, [], [this.rng.chance(50) ? left : node(Op.i32_gt_s, ["i"], [left, i32(0)])]);
      again.targets = [loop.label!];
      into.push(again);
    });
    const block = node(Op.block, []);
    block.label = { types: [], isLoop: false };
    this.labels.push(block.label);
    block.body = [node(Op.local_set, [], [i32(this.rng.between(1, 9))], [counter]), loop];
    this.labels.pop();
    return block;
  }

  // block block block (br_table) a end b end c end
  private switchStatement(depth: number): Node {
    const cases = this.rng.between(1, 5);
    const labels: Label[] = Array.from({ length: cases }, () => ({ types: [], isLoop: false }));
    this.labels.push(...labels);
    const table = node(
      Op.br_table,
      [],
      [
        this.rng.chance(60)
          ? node(Op.i32_and, ["i"], [this.expression("i", depth - 1), i32(7)])
          : this.expression("i", depth - 1),
      ],
    );
    const others = this.labels.filter((label) => label.types.length === 0);
    table.targets = Array.from({ length: this.rng.between(1, 9) }, () =>
      this.rng.pick(this.rng.chance(80) ? labels : others),
    );
    let body: Node[] = [table];
    for (let i = cases - 1; i >= 0; i--) {
      this.labels.pop();
      const block = node(Op.block, []);
      block.label = labels[i]!;
      block.body = body;
      body = [block];
      if (i > 0) this.statements(body, this.rng.between(0, 2), depth - 1);
      if (i > 0 && this.rng.chance(40))
        body.push(
          this.branchTo(
            this.rng.pick(this.labels.filter((label) => label.types.length === 0 && !label.isLoop)),
            depth,
          ) ?? node(Op.nop, []),
        );
    }
    return body[0]!;
  }

  private branchIf(depth: number): Node {
    const label = this.rng.pick(this.labels);
    // A branch back must take fuel, which the loop does; values for it are dropped when it is not taken.
    const result = node(
      Op.br_if,
      [...label.types],
      [...label.types.map((type) => this.observed(type, depth)), this.expression("i", depth + 1)],
    );
    result.targets = [label];
    return label.types.length === 0
      ? result
      : node(
          Pseudo.spread,
          [],
          [result],
          label.types.map(() => -1),
        );
  }

  /** An instruction after which nothing runs. */
  private jump(depth: number): Node | undefined {
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

  private branchTo(label: Label, depth: number): Node {
    const result = node(
      Op.br,
      [],
      label.types.map((type) => this.observed(type, depth)),
    );
    result.targets = [label];
    return result;
  }

  private tailCall(depth: number): Node | undefined {
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

  private callStatement(depth: number): Node {
    const call = this.anyCall(() => true, depth);
    if (call === undefined) return node(Op.nop, []);
    if (call.results.length === 0) return call;
    const targets = call.results.map((type) =>
      this.rng.chance(70) ? (this.anyLocal((local) => this.locals[local] === type) ?? -1) : -1,
    );
    return node(Pseudo.spread, [], [call], targets);
  }

  // A block or loop that takes operands and may return several results.
  private blockWithParams(depth: number): Node {
    const { rng } = this;
    const params = Array.from({ length: rng.between(1, 3) }, () => rng.pick(NUMBERS));
    const results = Array.from({ length: rng.between(0, 3) }, () => rng.pick(NUMBERS));
    const isLoop = rng.chance(40);
    const block = node(
      isLoop ? Op.loop : rng.chance(30) ? Op.if : Op.block,
      results,
      params.map((type) => this.observed(type, depth - 1)),
    );
    block.params = params;
    block.label = { types: isLoop ? params : results, isLoop };
    if (block.op === Op.if) block.args.push(this.expression("i", depth - 1));
    const fill = (into: Node[]): void => {
      const take = node(Pseudo.take, params);
      into.push(
        node(
          Pseudo.spread,
          [],
          [take],
          params.map((type) => this.anyLocal((local) => this.locals[local] === type) ?? -1),
        ),
      );
      if (isLoop) into.push(node(Pseudo.fuel, []));
      this.statements(into, rng.between(1, 3), depth - 1);
      for (const type of results) into.push(this.observed(type, depth - 1));
    };
    block.body = this.inside(block.label, fill);
    if (block.op === Op.if) block.otherwise = this.inside(block.label, fill);
    return results.length === 0
      ? block
      : node(
          Pseudo.spread,
          [],
          [block],
          results.map((type) => this.anyLocal((local) => this.locals[local] === type) ?? -1),
        );
  }

  private bulkMemory(depth: number): Node {
    const { rng, program } = this;
    if (program.memories.length === 0) return node(Op.nop, []);
    const memory = this.memory();
    const segment = rng.below(program.data.length + 1);
    const choice = rng.below(program.data.length > 0 ? 5 : 3);
    if (choice === 0)
      return node(
        Op.memory_fill,
        [],
        [this.address(memory, depth), this.expression("i", 1), this.length(depth)],
        [memory],
      );
    if (choice <= 2) {
      const source = this.memory();
      return node(
        Op.memory_copy,
        [],
        [this.address(memory, depth), this.address(source, depth), this.length(depth)],
        [memory, source],
      );
    }
    const data = Math.min(segment, program.data.length - 1);
    if (choice === 3 && rng.chance(40)) return node(Op.data_drop, [], [], [data]);
    return node(
      Op.memory_init,
      [],
      [this.address(memory, depth), i32(rng.below(12)), i32(rng.below(24))],
      [data, memory],
    );
  }

  private tableStatement(depth: number): Node {
    const { rng, program } = this;
    if (program.tables.length === 0) return node(Op.nop, []);
    const table = rng.below(program.tables.length);
    const { element } = program.tables[table]!;
    const index = (): Node => this.tableIndex(table, depth);
    const alike = program.tables.map((_, i) => i).filter((i) => program.tables[i]!.element === element);
    switch (rng.below(6)) {
      case 0:
        return node(Op.table_fill, [], [index(), this.expression(element, 1), i32(rng.below(4))], [table]);
      case 1:
        return node(Op.table_copy, [], [index(), index(), i32(rng.below(5))], [table, rng.pick(alike)]);
      case 2:
        if (element === "n" && program.elements.length > 0) {
          const segment = rng.below(program.elements.length);
          if (rng.chance(20)) return node(Op.elem_drop, [], [], [segment]);
          return node(Op.table_init, [], [index(), i32(rng.below(3)), i32(rng.below(4))], [segment, table]);
        }
        return node(Op.nop, []);
      case 3:
        return node(
          Pseudo.spread,
          [],
          [node(Op.table_grow, ["i"], [this.expression(element, 1), i32(rng.below(4))], [table])],
          [-1],
        );
      default:
        return node(Op.table_set, [], [index(), this.expression(element, depth)], [table]);
    }
  }

  // ---- expressions

  /** An expression whose bits are specified. */
  private observed(type: Letter, depth: number): Node {
    const value = this.expression(type, depth);
    if (value.wild !== true) return value;
    const local = this.scratchLocal(type);
    const get = (): Node => node(Op.local_get, [type], [], [local]);
    const isNumber = node(EQUAL_OP[type]!, ["i"], [get(), get()]);
    const nan = constant(type, type === "f" ? 0x7fc0_0000 : 0x7ff8_0000_0000_0000n);
    return node(Op.select, [type], [node(Op.local_tee, [type], [value], [local]), nan, isNumber]);
  }

  private expression(type: Letter, depth: number): Node {
    this.budget--;
    if (type === "n" || type === "e") return this.reference(type, depth);
    if (depth <= 0 || this.budget <= 0) return this.leaf(type);
    const { rng } = this;
    return rng.weighted<() => Node>([
      [4, () => this.leaf(type)],
      [24, () => this.pure(type, depth)],
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

  private leaf(type: Letter): Node {
    const { rng } = this;
    if (rng.chance(45)) {
      const local = this.readableLocal(type);
      if (local !== undefined) return { ...node(Op.local_get, [type], [], [local]), wild: this.wildLocals.has(local) };
    }
    if (rng.chance(25)) {
      const globals = this.program.globals
        .map((_, i) => i)
        .filter((i) => this.program.globals[i]!.type === type && i !== this.program.fuelGlobal);
      if (globals.length > 0) return node(Op.global_get, [type], [], [rng.pick(globals)]);
    }
    return constant(type, randomConstant(rng, type));
  }

  private pure(type: Letter, depth: number): Node {
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
  private harmlessDivision(entry: PureEntry, type: Letter, depth: number): Node {
    const [or, one] = type === "i" ? [Op.i32_or, constant("i", 1)] : [Op.i64_or, constant("l", 1n)];
    const divisor = node(or, [type], [this.expression(type, depth - 1), one]);
    return node(entry.op, [type], [this.expression(type, depth - 1), divisor]);
  }

  private load(type: Letter, depth: number): Node {
    if (this.program.memories.length === 0) return this.leaf(type);
    const entry = this.rng.pick(LOADS.get(type)!);
    const memory = this.memory();
    return node(entry.op, [type], [this.address(memory, depth - 1)], this.memarg(memory, entry.alignLog2));
  }

  private select(type: Letter, depth: number): Node {
    const [a, b] = [this.expression(type, depth - 1), this.expression(type, depth - 1)];
    return {
      ...node(this.rng.chance(30) ? Op.select_t : Op.select, [type], [a, b, this.expression("i", depth - 1)]),
      wild: a.wild === true || b.wild === true,
    };
  }

  private ifExpression(type: Letter, depth: number): Node {
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

  private blockExpression(type: Letter, depth: number): Node {
    const result = node(Op.block, [type]);
    result.label = { types: [type], isLoop: false };
    result.body = this.inside(result.label, (into) => {
      this.statements(into, this.rng.below(3), depth - 2);
      into.push(this.expression(type, depth - 1));
    });
    result.wild = isFloat(type);
    return result;
  }

  private branchIfExpression(type: Letter, depth: number): Node {
    const labels = this.labels.filter((label) => label.types.length === 1 && label.types[0] === type);
    if (labels.length === 0) return this.leaf(type);
    const result = node(Op.br_if, [type], [this.observed(type, depth - 1), this.expression("i", depth - 1)]);
    result.targets = [this.rng.pick(labels)];
    return result;
  }

  private tee(type: Letter, depth: number): Node {
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

  private query(depth: number): Node {
    const { rng, program } = this;
    const choice = rng.below(4);
    if (choice === 0 && program.memories.length > 0) return node(Op.memory_size, ["i"], [], [this.memory()]);
    if (choice === 1 && program.memories.length > 0)
      return node(Op.memory_grow, ["i"], [i32(rng.pick([0, 0, 1, 1, 2, 70000, -1]))], [this.memory()]);
    if (choice === 2 && program.tables.length > 0)
      return node(Op.table_size, ["i"], [], [rng.below(program.tables.length)]);
    return node(Op.ref_is_null, ["i"], [this.reference(rng.chance(50) ? "n" : "e", depth - 1)]);
  }

  private reference(type: "n" | "e", depth: number): Node {
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

  private anyCall(fits: (signature: Signature) => boolean, depth: number): Node | undefined {
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

  private indirect(op: Op, fits: (signature: Signature) => boolean, depth: number): Node | undefined {
    const tables = this.program.tables.map((_, i) => i).filter((i) => this.program.tables[i]!.element === "n");
    const callee = this.callee(fits);
    if (tables.length === 0 || callee === undefined) return undefined;
    const { params, results } = this.signatureOf(callee);
    const table = this.rng.pick(tables);
    // Mostly an element that is likely to hold the callee: tables are filled with functions in order.
    const index =
      this.rng.chance(85) && callee >= this.program.hosts.length
        ? i32(callee - this.program.hosts.length)
        : this.tableIndex(table, depth - 1);
    const call = node(op, results, [...params.map((type) => this.observed(type, depth - 1)), index], [table]);
    call.calls = { params, results };
    return call;
  }

  // ---- pieces

  private address(memory: number, depth: number): Node {
    const { rng } = this;
    const size = this.memoryDef(memory).min * 65536;
    return rng.weighted<() => Node>([
      [30, () => i32(rng.below(64))],
      [40, () => node(Op.i32_and, ["i"], [this.expression("i", depth - 1), i32(rng.pick([0xff, 0xfff, 0xfffc]))])],
      [3, () => i32(size - 8 - rng.below(12))],
      [2, () => i32(size - rng.below(12))],
      [1, () => i32(-rng.below(20))],
      [1, () => this.expression("i", depth - 1)],
      [1, () => this.leaf("i")],
    ])();
  }

  private memarg(memory: number, alignLog2: number): number[] {
    const { rng } = this;
    const align = rng.below(alignLog2 + 1);
    const offset = rng.weighted<() => number>([
      [80, () => 0],
      [60, () => rng.below(64)],
      [8, () => rng.below(60000)],
      [1, () => rng.pick([0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff])],
    ])();
    return memory === 0 && !(this.options.multiMemory && rng.chance(10))
      ? [align, offset]
      : [align | 0x40, memory, offset];
  }

  private length(depth: number): Node {
    return this.rng.chance(80)
      ? i32(this.rng.below(40))
      : node(Op.i32_and, ["i"], [this.expression("i", depth - 1), i32(0x3ff)]);
  }

  private tableIndex(table: number, depth: number): Node {
    const size = this.program.tables[table]!.min;
    if (this.rng.chance(80)) return i32(this.rng.below(size + (this.rng.chance(10) ? 2 : 0)));
    return node(Op.i32_and, ["i"], [this.expression("i", depth - 1), i32(this.rng.chance(20) ? 7 : 1)]);
  }

  private inside(label: Label, fill: (into: Node[]) => void): Node[] {
    this.labels.push(label);
    const body: Node[] = [];
    fill(body);
    this.labels.pop();
    return body;
  }

  private memory(): number {
    return this.rng.below(this.program.memories.length);
  }

  private memoryDef(memory: number): MemoryDef {
    return this.program.memories[memory]!;
  }

  private anyType(): Letter {
    return this.rng.weighted<Letter>([
      [6, "i"],
      [8, "l"],
      [3, "f"],
      [4, "d"],
      [1, "n"],
      [1, "e"],
    ]);
  }

  private anyLocal(fits: (local: number) => boolean): number | undefined {
    const choices = this.locals.map((_, i) => i).filter((i) => !this.reserved.has(i) && fits(i));
    return choices.length === 0 ? undefined : this.rng.pick(choices);
  }

  private readableLocal(type: Letter): number | undefined {
    const choices = this.locals.map((_, i) => i).filter((i) => this.locals[i] === type && i !== this.scratch.get(type));
    return choices.length === 0 ? undefined : this.rng.pick(choices);
  }

  private newLocal(type: Letter): number {
    this.func.locals.push(type);
    return this.locals.push(type) - 1;
  }

  private scratchLocal(type: Letter): number {
    let local = this.scratch.get(type);
    if (local === undefined) {
      local = this.newLocal(type);
      this.scratch.set(type, local);
      this.reserved.add(local);
    }
    return local;
  }

  private callee(fits: (signature: Signature) => boolean): number | undefined {
    const all = this.program.hosts.length + this.program.funcs.length;
    const choices = Array.from({ length: all }, (_, i) => i).filter((i) => fits(this.signatureOf(i)));
    return choices.length === 0 ? undefined : this.rng.pick(choices);
  }

  private signatureOf(index: number): Signature {
    const { hosts, funcs } = this.program;
    return index < hosts.length ? hosts[index]! : funcs[index - hosts.length]!;
  }
}
