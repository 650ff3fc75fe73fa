// What a function body under construction has to choose from: locals, labels, functions, and how much more may be generated.
import type { Func, Label, Letter, MemoryDef, Node, Program, Signature } from "./program.js";
import { isFloat } from "./program.js";
import type { Rng } from "./rng.js";

export interface BodyOptions {
  readonly tailCalls: boolean;
  readonly multiMemory: boolean;
}

export class Scope {
  protected readonly locals: Letter[];
  // Float locals whose NaNs may have unspecified bits.
  protected readonly wildLocals = new Set<number>();
  // Locals that statements must leave alone: loop counters and scratch.
  protected readonly reserved = new Set<number>();
  protected readonly labels: Label[];
  protected budget: number;
  protected readonly rng: Rng;
  protected readonly program: Program;
  protected readonly func: Func;
  protected readonly options: BodyOptions;
  private readonly scratch = new Map<Letter, number>();

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

  protected inside(label: Label, fill: (into: Node[]) => void): Node[] {
    this.labels.push(label);
    const body: Node[] = [];
    fill(body);
    this.labels.pop();
    return body;
  }

  protected memory(): number {
    return this.rng.below(this.program.memories.length);
  }

  protected memoryDef(memory: number): MemoryDef {
    return this.program.memories[memory]!;
  }

  protected anyType(): Letter {
    return this.rng.weighted<Letter>([
      [6, "i"],
      [8, "l"],
      [3, "f"],
      [4, "d"],
      [1, "n"],
      [1, "e"],
    ]);
  }

  protected anyLocal(fits: (local: number) => boolean): number | undefined {
    const choices = this.locals.map((_, i) => i).filter((i) => !this.reserved.has(i) && fits(i));
    return choices.length === 0 ? undefined : this.rng.pick(choices);
  }

  protected readableLocal(type: Letter): number | undefined {
    const choices = this.locals.map((_, i) => i).filter((i) => this.locals[i] === type && i !== this.scratch.get(type));
    return choices.length === 0 ? undefined : this.rng.pick(choices);
  }

  protected newLocal(type: Letter): number {
    this.func.locals.push(type);
    return this.locals.push(type) - 1;
  }

  protected scratchLocal(type: Letter): number {
    let local = this.scratch.get(type);
    if (local === undefined) {
      local = this.newLocal(type);
      this.scratch.set(type, local);
      this.reserved.add(local);
    }
    return local;
  }

  protected callee(fits: (signature: Signature) => boolean): number | undefined {
    const all = this.program.hosts.length + this.program.funcs.length;
    // Mostly functions that come later: most recursion ends by running out of fuel, and then nothing is left to compare.
    const own = this.program.hosts.length + this.program.funcs.indexOf(this.func);
    const anyFunction = this.rng.chance(10);
    const choices = Array.from({ length: all }, (_, i) => i).filter(
      (i) => (anyFunction || i > own || i < this.program.hosts.length) && fits(this.signatureOf(i)),
    );
    return choices.length === 0 ? undefined : this.rng.pick(choices);
  }

  protected signatureOf(index: number): Signature {
    const { hosts, funcs } = this.program;
    return index < hosts.length ? hosts[index]! : funcs[index - hosts.length]!;
  }
}
