// The linker: gives an instance its code, page by page. Every function begins as a stub; the first call of one faults its
// page in: the source verifies and compiles the text, the linker resolves the page's relocations by symbol, calls the page's
// factory with them, and puts the real functions wherever stubs went: slots of other pages, function records, tables. So
// code that runs often meets no stub. Both containers, `.aot` and JavaScript, run through this file.
//
// Nothing here depends on what relocations say beyond their kind and indices, and no string of an artifact reaches an
// evaluator: resolving is array access, linking is calling a function.
import type { CodeProvider, CodeSlot } from "../runtime/instance/code.js";
import type { Instance } from "../runtime/instance/instance.js";
import type { Memory } from "../runtime/instance/memory.js";
import { S } from "../runtime/instance/store.js";
import type { RawCode } from "../runtime/instance/store.js";
import type { FrameLocation, JsFrame } from "../runtime/instance/trace.js";
import type { Relocation } from "./image.js";

/** What a page's text evaluates to. @internal */
export type PageFactory = (relocations: readonly unknown[]) => LinkedPage;

/** A page within an instance. @internal */
export interface LinkedPage {
  readonly f: readonly RawCode[];
  /** Rebinds relocation `slot`. */
  readonly b: (slot: number, value: unknown) => void;
}

/** Where pages come from; what differs between the two containers. @internal */
export interface PageSource {
  readonly pageCount: number;
  functions(page: number): ArrayLike<number>;
  relocations(page: number): readonly Relocation[];
  /** Calls the page's factory; anything wrong with the page is the source's to report. */
  make(page: number, relocations: readonly unknown[]): LinkedPage;
  /** Where in the `.wasm` a frame of this code is; undefined for a frame of other code. */
  locate(frame: JsFrame): FrameLocation | undefined;
}

/** Stands for a function until its page is in. */
type Stub = RawCode & { t: RawCode };

const NO_MEMORY = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(0));

/** Supplies one instance with code. @internal */
export class Linker implements CodeProvider {
  private readonly source: PageSource;
  private readonly helpers: Readonly<Record<string, RawCode>>;
  private readonly elements: boolean;
  /** Page of each function plus 1; 0 or undefined for imports. */
  private pageOf: Record<number, number | undefined> = [];
  /** Stub or real function, by function index. */
  private readonly code: (RawCode | undefined)[] = [];
  private readonly resident: boolean[] = [];
  /** Slots of pages, of this instance and others, that hold the stub of a function, by function index. */
  private readonly waiting: (CodeSlot[] | undefined)[] = [];
  /** What pages are told of memories. */
  private followed: { readonly memory: Memory; readonly listener: (view: DataView) => void }[] = [];
  private instance: Instance | undefined;

  /** `elements`: pages reach the bytes of memories by typed arrays, too. */
  constructor(source: PageSource, helpers: Readonly<Record<string, RawCode>>, elements: boolean) {
    this.source = source;
    this.helpers = helpers;
    this.elements = elements;
  }

  link(instance: Instance): void {
    const { source } = this;
    this.instance = instance;
    if (this.elements) for (let i = 0; i < instance.memories.length; i++) instance.memories[i]!.reachByElements();
    if (instance.storage !== undefined) this.pageOf = instance.storage.functions();
    for (let page = 0; page < source.pageCount; page++) {
      const functions = source.functions(page);
      for (let k = 0; k < functions.length; k++) this.pageOf[functions[k]!] = page + 1;
    }
  }

  // A page that still runs then finds its memories empty: every access traps.
  unlink(): void {
    for (let i = 0; i < this.followed.length; i++) {
      const { memory, listener } = this.followed[i]!;
      memory.unfollow(listener);
      listener(NO_MEMORY);
    }
    this.followed = [];
  }

  funcCode(index: number): RawCode {
    return this.code[index] ?? (this.code[index] = this.stub(index));
  }

  locate(frame: JsFrame): FrameLocation | undefined {
    return this.source.locate(frame);
  }

  /** Brings all pages in now. */
  linkAll(): void {
    for (let page = 0; page < this.source.pageCount; page++) this.fault(page);
  }

  isResident(page: number): boolean {
    return this.resident[page] === true;
  }

  /** Rebinds the slot, which holds the stub of a function, when the function is there. */
  awaitCode(index: number, slot: CodeSlot): void {
    if (this.resident[this.pageOf[index]! - 1] === true) return;
    const { waiting } = this;
    const slots = waiting[index];
    if (slots === undefined) waiting[index] = [slot];
    else slots.push(slot);
  }

  private real(index: number): RawCode {
    this.fault(this.pageOf[index]! - 1);
    return this.code[index]!;
  }

  // A stub outlives its page's absence where nobody can replace it (a JavaScript function that holds it); it stays right.
  // There is one for each function that a table or another page names, so a stub is as little as can be.
  private stub(index: number): RawCode {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the functions below have to have `arguments` of their own
    const linker = this;
    // Rest parameters in ES5 are an array that is filled one by one, in which V8 quiets signalling NaNs.
    /* eslint-disable prefer-rest-params, prefer-spread */
    const stub = function () {
      return linker.real(index).apply(undefined, arguments as never);
    } as unknown as Stub;
    // A tail call through a stub must stay one: hand on the body that may ask for the next.
    stub.t = function () {
      const code: RawCode & { t?: RawCode } = linker.real(index);
      return (code.t ?? code).apply(undefined, arguments as never);
    };
    /* eslint-enable prefer-rest-params, prefer-spread */
    return stub;
  }

  private fault(page: number): void {
    if (this.resident[page] === true) return;
    const { source } = this;
    const relocations = source.relocations(page);
    const values: unknown[] = [];
    for (let slot = 0; slot < relocations.length; slot++) values.push(this.resolve(relocations[slot]!));
    const linked = source.make(page, values);
    for (let slot = 0; slot < relocations.length; slot++) this.follow(linked, slot, relocations[slot]!);
    this.resident[page] = true;
    const functions = source.functions(page);
    for (let k = 0; k < functions.length; k++) this.define(functions[k]!, linked.f[k]!);
    this.instance!.replaceCode(functions, linked.f);
  }

  // Puts a function in place of its stub.
  private define(index: number, code: RawCode): void {
    this.code[index] = code;
    const slots = this.waiting[index];
    if (slots === undefined) return;
    for (let i = 0; i < slots.length; i++) slots[i]!.page.b(slots[i]!.slot, code);
    this.waiting[index] = undefined;
  }

  private resolve({ kind, index, index2, name }: Relocation): unknown {
    const instance = this.instance!;
    switch (kind) {
      case "state":
        return S;
      case "instance":
        return instance;
      case "globals":
        return instance.privates;
      case "global":
        return instance.cells[index];
      case "memory":
        return instance.memories[index]!.view;
      case "sig":
        return instance.sig(index, index2!);
      case "table":
        return instance.tables[index];
      case "func":
        return this.callable(index);
      case "helper":
        return this.helpers[name!];
    }
  }

  // Keeps a slot up to date: views change when their memory grows, functions when their page comes in.
  private follow(page: LinkedPage, slot: number, { kind, index }: Relocation): void {
    if (kind === "memory") {
      const memory = this.instance!.memories[index]!;
      const listener = (view: DataView): void => page.b(slot, view);
      memory.follow(listener);
      this.followed.push({ memory, listener });
    } else if (kind === "func") {
      if (this.pageOf[index]) return this.awaitCode(index, { page, slot });
      // An import is whatever its instance calls it by, which may be a stub as well.
      const { instance, index: own } = this.instance!.func(index);
      if (instance !== null && instance.code.awaitCode) instance.code.awaitCode(own, { page, slot });
    }
  }

  private callable(index: number): RawCode {
    return this.pageOf[index] ? this.funcCode(index) : this.instance!.func(index).code;
  }
}
