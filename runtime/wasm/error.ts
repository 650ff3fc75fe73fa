// The base class of this project's errors, apart from the catalogue of errors.ts: programs that only run modules carry this
// one and not the others.

/** The base of all errors that this project raises about modules, artifacts and their execution. */
export class WasmError extends Error {
  override readonly name: string = "WasmError";
  readonly code: string;
  /** Byte offset in the file, where there is one. */
  readonly offset: number | undefined;
  /** The function or section concerned, in words. */
  readonly where: string | undefined;
  /** The message without its place. */
  readonly text: string;

  constructor(code: string, text: string, offset?: number, where?: string) {
    const place = [where, offset === undefined ? undefined : `offset 0x${offset.toString(16)}`].filter(
      (p) => p !== undefined,
    );
    super(place.length === 0 ? text : `${text} (${place.join(", ")})`);
    this.code = code;
    this.text = text;
    this.offset = offset;
    this.where = where;
  }
}
