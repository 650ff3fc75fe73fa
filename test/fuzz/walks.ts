// Generates loops as compilers make them of arrays: an address and counters that go on by a constant or a stride up to a bound, tests of
// them on the way, and accesses near where they are. What is known of such variables decides how memory is accessed
// (compiler/passes/ranges), so bounds are also those where something wraps or a memory ends.
import { Op } from "../../runtime/wasm/opcodes.js";
import { Expressions } from "./expressions.js";
import { LOADS, STORES } from "./menu.js";
import { i32, node } from "./nodes.js";
import { type Letter, type Node, Pseudo } from "./program.js";

const COMPARISONS = [
  ...[Op.i32_ne, Op.i32_lt_s, Op.i32_lt_u, Op.i32_le_s, Op.i32_le_u],
  ...[Op.i32_gt_s, Op.i32_gt_u, Op.i32_ge_s, Op.i32_ge_u, Op.i32_eq],
];
const STEPS = [1, 1, 2, 3, 4, 4, 8, 8, 12, 16, 24, -1, -4, -8, -16, 0x1000, 0x10000];
const EDGES = [0, -1, 0x7fff_ffff, -0x8000_0000, 0x7ffe_fff8, 0xffff, 0x10000, 0x20000];

export abstract class Walks extends Expressions {
  /** Locals that the walks around the current place go by. */
  private readonly walking: number[] = [];

  protected override address(memory: number, depth: number): Node {
    return this.walking.length === 0 || this.rng.chance(25) ? super.address(memory, depth) : this.near();
  }

  protected override leaf(type: Letter): Node {
    return type === "i" && this.walking.length > 0 && this.rng.chance(25) ? this.get() : super.leaf(type);
  }

  /** An expression of a walk's locals. */
  private near(): Node {
    const { rng } = this;
    const ii = (op: Op, a: Node, b: Node): Node => node(op, ["i"], [a, b]);
    return rng.weighted<() => Node>([
      [8, () => this.get()],
      [5, () => ii(Op.i32_add, this.get(), i32(rng.pick([1, 2, 4, 8, 12, 16, 60, -1, -4, -8, -12])))],
      [4, () => ii(Op.i32_add, this.get(), ii(Op.i32_shl, this.get(), i32(rng.between(1, 4))))],
      [2, () => ii(Op.i32_shl, this.get(), i32(rng.between(1, 3)))],
      [2, () => ii(Op.i32_mul, this.get(), i32(rng.pick([3, 12, 40, -4])))],
      [1, () => ii(rng.pick([Op.i32_sub, Op.i32_xor, Op.i32_or, Op.i32_mul]), this.get(), this.get())],
      [3, () => ii(Op.i32_and, this.get(), i32(rng.pick([-4, -8, -2, 0xfffc, 0xff8, 0xff])))],
      [1, () => ii(rng.pick([Op.i32_shr_u, Op.i32_shr_s]), this.get(), i32(rng.below(5)))],
      [
        1,
        () =>
          ii(rng.pick([Op.i32_rem_u, Op.i32_rem_s, Op.i32_div_u, Op.i32_div_s]), this.get(), i32(rng.between(1, 9))),
      ],
    ])();
  }

  private get(): Node {
    return this.local(this.rng.pick(this.walking));
  }

  private local(index: number): Node {
    return node(Op.local_get, ["i"], [], [index]);
  }

  private bound(): Node {
    const { rng } = this;
    return rng.weighted<() => Node>([
      [10, () => i32(rng.below(40))],
      [10, () => i32(rng.below(40) * 8)],
      [3, () => i32(rng.pick(EDGES) + rng.between(-9, 9))],
      [4, () => i32(rng.pick([0x10000, 0x20000]) - rng.below(64))],
      [5, () => (this.walking.length > 0 ? this.get() : i32(rng.below(256)))],
      [3, () => this.expression("i", 2)],
    ])();
  }

  private test(): Node {
    return node(this.rng.pick(COMPARISONS), ["i"], [this.rng.chance(70) ? this.get() : this.near(), this.bound()]);
  }

  /** A load or a store near by. */
  private touch(depth: number): Node {
    const { rng } = this;
    const memory = this.memory();
    if (rng.chance(50)) {
      const type = rng.pick(["i", "i", "l", "f", "d"] as const);
      const { op, alignLog2 } = rng.pick(LOADS.get(type)!);
      return node(Pseudo.mix, [], [node(op, [type], [this.near()], this.memarg(memory, alignLog2))]);
    }
    const { op, value, alignLog2 } = rng.pick(STORES);
    return node(op, [], [this.near(), this.observed(value, depth)], this.memarg(memory, alignLog2));
  }

  /** What a local goes on to: by a constant, by a stride that is another's value, or as strides themselves do. */
  private next(local: number): Node {
    const { rng } = this;
    const get = this.local(local);
    const ii = (op: Op, by: Node): Node => node(op, ["i"], [get, by]);
    return rng.weighted<() => Node>([
      [12, () => ii(Op.i32_add, i32(rng.pick(STEPS)))],
      [3, () => ii(rng.pick([Op.i32_add, Op.i32_sub]), this.get())],
      [2, () => ii(rng.pick([Op.i32_add, Op.i32_sub]), node(Op.i32_shl, ["i"], [this.get(), i32(rng.between(1, 3))]))],
      [1, () => ii(rng.pick([Op.i32_shr_s, Op.i32_shr_u, Op.i32_shl]), i32(rng.between(1, 3)))],
      [1, () => ii(rng.pick([Op.i32_div_s, Op.i32_div_u]), i32(rng.pick([2, 3, 4, 8])))],
    ])();
  }

  private step(local: number): Node {
    return node(Op.local_set, [], [this.next(local)], [local]);
  }

  private walkStatement(depth: number): Node {
    const { rng } = this;
    if (rng.chance(60)) return this.touch(depth);
    if (rng.chance(40)) return node(Pseudo.mix, [], [this.near()]);
    if (rng.chance(20)) {
      const leave = node(Op.br_if, [], [this.test()]);
      leave.targets = [rng.pick(this.labels.slice(-2).filter(({ types }) => types.length === 0))];
      return leave;
    }
    const result = node(Op.if, [], [this.test()]);
    result.label = { types: [], isLoop: false };
    const touches = (into: Node[]): void => {
      for (let i = rng.between(1, 3); i > 0; i--) into.push(this.touch(depth - 1));
      if (rng.chance(20)) into.push(this.step(rng.pick(this.walking)));
    };
    result.body = this.inside(result.label, touches);
    if (rng.chance(40)) result.otherwise = this.inside(result.label, touches);
    return result;
  }

  /** { p = …; q = …; loop { fuel; …; p += a; q += b; if (p < …) continue } } */
  protected walk(depth: number): Node {
    const { rng } = this;
    if (this.program.memories.length === 0) return node(Op.nop, []);
    const locals = Array.from({ length: rng.between(1, 3) }, () => this.newLocal("i"));
    const body: Node[] = locals.map((local) => node(Op.local_set, [], [this.bound()], [local]));
    const block = node(Op.block, []);
    block.label = { types: [], isLoop: false };
    const loop = node(Op.loop, []);
    loop.label = { types: [], isLoop: true };
    for (const local of locals) this.reserved.add(local);
    this.walking.push(...locals);
    block.body = this.inside(block.label, (into) => {
      into.push(...body);
      loop.body = this.inside(loop.label!, (round) => {
        round.push(node(Pseudo.fuel, []));
        for (let i = rng.between(1, 4); i > 0; i--) round.push(this.walkStatement(depth - 1));
        if (rng.chance(60)) this.statements(round, rng.between(1, 3), depth - 1);
        for (const local of locals) if (rng.chance(85)) round.push(this.step(local));
        const again = node(Op.br_if, [], [this.test()]);
        again.targets = [loop.label!];
        round.push(again);
      });
      into.push(loop);
      if (rng.chance(50)) into.push(this.touch(depth));
    });
    this.walking.splice(-locals.length);
    return block;
  }
}
