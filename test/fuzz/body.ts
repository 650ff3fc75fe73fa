// Generates function bodies: statements, with expressions where they take values.
import { Op } from "../../runtime/wasm/opcodes.js";
import { STORES } from "./menu.js";
import { i32, node } from "./nodes.js";
import type { Func, Label, Letter, Node, Program } from "./program.js";
import { Pseudo } from "./program.js";
import type { Rng } from "./rng.js";
import type { BodyOptions } from "./scope.js";
import { Walks } from "./walks.js";

const NUMBERS: readonly Letter[] = ["i", "l", "f", "d"];

/** Fills in the body of `func`. Functions, globals, tables and memories of the program must be declared already. */
export function generateBody(rng: Rng, program: Program, func: Func, options: BodyOptions): void {
  new Body(rng, program, func, options).run();
}

class Body extends Walks {
  run(): void {
    const body: Node[] = [node(Pseudo.fuel, [])];
    this.statements(body, this.rng.between(1, 8), 4);
    // What locals hold in the end is seen from outside, or most of what was computed would be lost.
    if (this.rng.chance(70)) {
      this.locals.forEach((type, i) => {
        const value = { ...node(Op.local_get, [type], [], [i]), wild: this.wildLocals.has(i) };
        if (!this.reserved.has(i)) body.push(node(Pseudo.mix, [], [this.canonical(value)]));
      });
    }
    for (const type of this.func.results) body.push(this.observed(type, 5));
    this.func.body = body;
  }

  protected override statements(into: Node[], count: number, depth: number): void {
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
      [2, () => node(Pseudo.spread, [], [this.expression(this.anyType(), depth + 1)], [-1])],
      [8, () => node(Pseudo.mix, [], [this.observed(this.anyType(), depth + 1)])],
      [8 * nested, () => this.ifStatement(depth)],
      [5 * nested, () => this.blockStatement(depth)],
      [6 * nested, () => this.countedLoop(depth)],
      [4 * nested, () => this.walk(depth)],
      [3 * nested, () => this.switchStatement(depth)],
      [5, () => this.branchIf(depth)],
      [this.rng.chance(40) ? 1 : 0, () => this.jump(depth) ?? node(Op.nop, [])],
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
      .filter((i) => this.program.globals[i]!.mutable && i < this.program.fuelGlobal);
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
}
