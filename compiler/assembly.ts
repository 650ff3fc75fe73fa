// What becomes of functions as they get compiled: an `.aot` is put together page by page, so that its text is never in memory
// twice, and need not be there at all; for the rest, all functions must be there before the first page can be written.
import type { DecodedModule } from "../runtime/wasm/module.js";
import { CodeTraits, type Source, imageFrame, keepsLines, makeImage, pageSize, writeContainer } from "./compile.js";
import { type CompiledFunction, PageFiller, type Text } from "./emit/page.js";
import type { CompileOptions } from "./options.js";
import { AotWriter } from "./write/aot.js";

export interface Assembly {
  /** Functions come in the order of their indices. */
  add(f: CompiledFunction<Text>): void;
  /** The file, in parts; without its text, if `onText` was given that. */
  finish(): readonly Uint8Array[];
}

/** Takes the text of an `.aot` as it is made, which stands behind all else; `bytes` are lent only. */
export type OnText = (bytes: Uint8Array) => void;

/** `module` is asked for once all functions are there. */
export function newAssembly(
  source: Source,
  module: () => DecodedModule,
  options: CompileOptions,
  onText?: OnText,
): Assembly {
  const isPagewise = (options.format ?? "aot") === "aot" && options.profile === undefined;
  return isPagewise ? new AotAssembly(source, module, options, onText) : new ImageAssembly(source, module, options);
}

class AotAssembly implements Assembly {
  private readonly text: Uint8Array[] = [];
  private readonly writer: AotWriter;
  private readonly filler: PageFiller<Text>;
  private readonly traits = new CodeTraits();
  private readonly source: Source;
  private readonly module: () => DecodedModule;
  private readonly options: CompileOptions;

  constructor(source: Source, module: () => DecodedModule, options: CompileOptions, onText?: OnText) {
    this.source = source;
    this.module = module;
    this.options = options;
    this.writer = new AotWriter(onText ?? ((bytes) => this.text.push(bytes.slice())));
    this.filler = new PageFiller<Text>(pageSize(options), { lines: keepsLines(options) }, (page) =>
      this.writer.addPage(page),
    );
  }

  add(f: CompiledFunction<Text>): void {
    this.traits.add(f);
    this.filler.add(f);
  }

  finish(): readonly Uint8Array[] {
    this.filler.flush();
    const { source, module, traits, options } = this;
    const frame = imageFrame(source, module(), traits, options);
    return [...this.writer.finish(frame), ...this.text];
  }
}

class ImageAssembly implements Assembly {
  private readonly functions: CompiledFunction[] = [];
  private readonly source: Source;
  private readonly module: () => DecodedModule;
  private readonly options: CompileOptions;

  constructor(source: Source, module: () => DecodedModule, options: CompileOptions) {
    this.source = source;
    this.module = module;
    this.options = options;
  }

  add(f: CompiledFunction<Text>): void {
    const text =
      typeof f.text === "string"
        ? f.text
        : Buffer.from(f.text.buffer, f.text.byteOffset, f.text.length).toString("latin1");
    this.functions.push({ ...f, text });
  }

  finish(): readonly Uint8Array[] {
    const { source, module, functions, options } = this;
    return [writeContainer(makeImage(source, module(), functions, options), options)];
  }
}
