// The parts of an instance as memory of a runtime: linear memory, tables and globals behind the interfaces that
// runtime/instance has for them. Each can be ended: what still refers to it then finds nothing, and cannot write to memory that
// belongs to somebody else by then.
import { makeCell, type Cell } from "../instance/global.js";
import type { Instance } from "../instance/instance.js";
import type { GrowthRefusal, MemoryStorage } from "../instance/memory-storage.js";
import type { TableStorage } from "../instance/table.js";
import type { Scalar } from "../instance/value.js";
import type { Account, Allocation } from "../memory/account.js";
import { MemoryError } from "../memory/errors.js";
import { F32, F64, I32, I64, type ValType } from "../wasm/types.js";
import type { ReferenceTable } from "./reference-table.js";

const NO_BYTES = new DataView(new ArrayBuffer(0));
const NO_WORDS: Int32Array = new Int32Array(0);

/** A linear memory that is an allocation. @internal */
export class SliceMemory implements MemoryStorage {
  view: DataView;
  private readonly allocation: Allocation;
  /** JavaScript may have the buffer, which the next growth must take from it. */
  private exposed = false;
  /** Makes the view that code is to use of a plain one. */
  private dress: (plain: DataView) => DataView = asIs;
  readonly refused: (why: GrowthRefusal, delta: number) => void;

  constructor(allocation: Allocation, refused: (why: GrowthRefusal, delta: number) => void) {
    this.allocation = allocation;
    this.view = allocation.view();
    this.refused = refused;
  }

  resize(size: number): DataView {
    this.allocation.account.use();
    if (size === this.view.byteLength && !this.exposed) return this.view;
    const done = size === this.view.byteLength ? this.allocation.isolate(true) : this.allocation.resize(size);
    if (!done) throw new RangeError("out of memory");
    this.exposed = false;
    return this.renewed();
  }

  whole(): DataView | undefined {
    if (!this.allocation.isolate(false)) return undefined;
    this.exposed = true;
    return this.renewed();
  }

  /** Has `dress` make the memory's views from now on, and one now. */
  viewWith(dress: (plain: DataView) => DataView = asIs): DataView {
    const view = dress(this.allocation.view());
    this.dress = dress;
    return (this.view = view);
  }

  /** The view of a memory that is no more. */
  end(): DataView {
    return (this.view = NO_BYTES);
  }

  private renewed(): DataView {
    const { buffer, offset, length } = this.allocation.block;
    const { view } = this;
    const same = view.buffer === buffer && view.byteOffset === offset && view.byteLength === length;
    return same ? view : (this.view = this.dress(this.allocation.view()));
  }
}

function asIs(view: DataView): DataView {
  return view;
}

/** A table whose slots are numbers of a reference table, 4 bytes each. @internal */
export class SlotTable implements TableStorage {
  length = 0;
  private readonly allocation: Allocation;
  private readonly references: ReferenceTable;
  private slots: Int32Array;

  /** `allocation`: room for the slots that the table will have at first. */
  constructor(allocation: Allocation, references: ReferenceTable) {
    this.allocation = allocation;
    this.references = references;
    this.slots = allocation.words();
  }

  get(index: number): unknown {
    return this.references.get(this.slots[index]!);
  }

  set(index: number, ref: unknown): void {
    const number = this.references.hold(ref);
    this.references.release(this.slots[index]!);
    this.slots[index] = number;
  }

  grow(length: number, ref: unknown): boolean {
    this.allocation.account.use();
    if (length > this.slots.length && !this.resize(length)) return false;
    try {
      this.slots.fill(this.references.hold(ref, length - this.length), this.length, length);
    } catch (error) {
      this.resize(this.length);
      if (error instanceof MemoryError) return false;
      throw error;
    }
    this.length = length;
    return true;
  }

  end(): void {
    for (let i = 0; i < this.length; i++) this.references.release(this.slots[i]!);
    this.length = 0;
    this.slots = NO_WORDS;
  }

  private resize(length: number): boolean {
    if (!this.allocation.resize(length * 4)) return false;
    this.slots = this.allocation.words();
    return true;
  }
}

/** The globals that an instance defines, one after another: 4 bytes for an i32 or a reference, 8 for the others. @internal */
export class GlobalData {
  private readonly references: ReferenceTable;
  private words: Int32Array = NO_WORDS;
  private doubles: Float64Array = new Float64Array(NO_WORDS.buffer);
  private readonly account: Account;
  private readonly refs: number[] = [];
  private readonly faces: object[] = [];
  /** The cells of globals that others can import. */
  readonly cells: Cell[] = [];

  constructor(account: Account, references: ReferenceTable) {
    this.account = account;
    this.references = references;
  }

  /** Fills `instance.cells` and returns `instance.privates`; what is neither holds no value of its own. */
  place({ module, cells, globals }: Instance, isCell: readonly boolean[]): Record<string, Scalar> {
    const types = module.globals.map(({ type }) => type.type);
    const first = module.imported.global;
    const places = layOut(types.slice(first));
    const allocation = this.account.allocate("global data", places.size);
    const { buffer, offset, length } = allocation.block;
    this.words = allocation.words();
    this.doubles = new Float64Array(buffer, offset, length >>> 3);
    const privates: Record<string, Scalar> = {};
    this.faces.push(privates);
    types.forEach((type, i) => {
      if (i < first) cells.push(globals[i]!.cell);
      else if (isCell[i]) cells.push(this.cell(type, places.offsets[i - first]!));
      else {
        cells.push(undefined);
        this.define(privates, `g${i}`, `h${i}`, type, places.offsets[i - first]!);
      }
    });
    return privates;
  }

  end(): void {
    for (const word of this.refs) this.references.release(this.words[word]!);
    this.words = NO_WORDS;
    for (const face of this.faces)
      for (const name of Object.keys(face)) {
        const fail = (): never => this.account.use() as never;
        Object.defineProperty(face, name, { get: fail, set: fail });
      }
  }

  private cell(type: ValType, at: number): Cell {
    const cell = makeCell(type);
    this.define(cell as unknown as Record<string, Scalar>, "v", "h", type, at);
    this.faces.push(cell);
    this.cells.push(cell);
    return cell;
  }

  // FAST: the arrays are constants of the accessors, which engines inline into generated code.
  private define(face: object, low: string, high: string, type: ValType, at: number): void {
    const { words, doubles, references } = this;
    const word = at >>> 2;
    const property = (name: string, get: () => Scalar, set: (value: never) => void): void => {
      Object.defineProperty(face, name, { get, set, enumerable: true, configurable: true });
    };
    const half = (name: string, k: number): void =>
      property(
        name,
        () => words[k],
        (value: number) => (words[k] = value),
      );
    if (type === I32) half(low, word);
    else if (type === I64) {
      half(low, word);
      half(high, word + 1);
    } else if (type === F32 || type === F64) {
      const k = at >>> 3;
      property(
        low,
        () => doubles[k],
        (value: number) => (doubles[k] = value),
      );
    } else {
      this.refs.push(word);
      property(
        low,
        () => references.get(words[word]!),
        (value: unknown) => {
          const number = references.hold(value);
          references.release(words[word]!);
          words[word] = number;
        },
      );
    }
  }
}

// f32 take 8 bytes, because generated code holds them as doubles, NaN bits included. The 8-byte ones come first.
function layOut(types: readonly ValType[]): { offsets: number[]; size: number } {
  const offsets: number[] = [];
  let size = 0;
  for (const wide of [true, false]) {
    types.forEach((type, i) => {
      if ((type === I64 || type === F32 || type === F64) !== wide) return;
      offsets[i] = size;
      size += wide ? 8 : 4;
    });
  }
  return { offsets, size };
}
