// The pages of an `.aot`: verified, compiled and handed to the linker when something first needs them.
import type { FrameLocation, JsFrame } from "../runtime/instance/trace.js";
import type { CodeCache } from "./code-cache.js";
import { badPage, inconsistent } from "./errors.js";
import { compilePage, messageOf } from "./host.js";
import type { LineTable, Relocation } from "./image.js";
import type { LinkedPage, PageFactory, PageSource } from "./link.js";
import { findOffset } from "./lines.js";
import { regionAccess } from "./region.js";
import type { CodeRegion } from "./region.js";
import { readable, readLines } from "./sections.js";

/** The pages of a region: verified and compiled once, linked once for each instance. @internal */
export class AotPages implements PageSource {
  private readonly region: CodeRegion;
  private readonly symbols: readonly Relocation[];
  private readonly cache: CodeCache | undefined;
  private readonly scriptPrefix: string;
  private readonly factories: PageFactory[] = [];
  private readonly lineTables: (LineTable | undefined)[] = [];
  private readonly compiled: (page: number) => void;
  readonly pageCount: number;

  /** `compiled` is called when the text of a page has been used for the only time. */
  constructor(
    region: CodeRegion,
    symbols: readonly Relocation[],
    cache: CodeCache | undefined,
    compiled: (page: number) => void,
  ) {
    this.region = region;
    this.compiled = compiled;
    this.symbols = symbols;
    this.cache = cache;
    this.pageCount = region.pageCount;
    this.scriptPrefix = `wamrc-ts:${region.digest.slice(0, 8)}/page`;
    for (const { relocations } of regionAccess.pages(region)) {
      const wrong = relocations.find((number) => symbols[number] === undefined);
      if (wrong !== undefined) throw inconsistent("pages", `symbol ${wrong}, expected below ${symbols.length}`);
    }
  }

  functions(page: number): readonly number[] {
    return regionAccess.pages(this.region)[page]!.functions;
  }

  relocations(page: number): readonly Relocation[] {
    return regionAccess.pages(this.region)[page]!.relocations.map((number) => this.symbols[number]!);
  }

  /** Whether the engine has a page's code, so that its text is no longer needed. */
  isCompiled(page: number): boolean {
    return this.factories[page] !== undefined;
  }

  make(page: number, relocations: readonly unknown[]): LinkedPage {
    const factory = (this.factories[page] ??= this.compile(page));
    let linked: Partial<LinkedPage> | undefined;
    try {
      linked = factory(relocations);
    } catch (error) {
      throw badPage(page, `cannot be linked: ${messageOf(error)}`);
    }
    const functions = linked?.f;
    const fits =
      Array.isArray(functions) &&
      functions.length === this.functions(page).length &&
      functions.every((code) => typeof code === "function") &&
      typeof linked?.b === "function";
    if (!fits) throw badPage(page, "does not make the functions that the page table lists");
    return linked as LinkedPage;
  }

  locate({ file, line, funcIndex }: JsFrame): FrameLocation | undefined {
    if (file.slice(0, this.scriptPrefix.length) !== this.scriptPrefix) return undefined;
    const page = Number(file.slice(this.scriptPrefix.length));
    if (!(page < this.pageCount) || !this.functions(page).includes(funcIndex)) return undefined;
    const table = (this.lineTables[page] ??= readable(() => readLines(this.region, page)));
    const offset = table === undefined ? undefined : findOffset(table, line);
    return offset === undefined ? {} : { offset };
  }

  private compile(page: number): PageFactory {
    const text = this.region.pageText(page);
    const compiled = compilePage(text, page, this.scriptPrefix + page, this.cache?.data(page));
    this.cache?.add(page, compiled);
    if (typeof compiled.factory !== "function") throw badPage(page, "is not a function");
    this.compiled(page);
    return compiled.factory as PageFactory;
  }
}
