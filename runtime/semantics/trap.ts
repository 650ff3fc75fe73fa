// How a pure operation says that it has no result. Whoever runs or folds operations turns it into what it needs; the messages
// are among those of the specification's test suite.

export type NumericTrapMessage = "integer divide by zero" | "integer overflow" | "invalid conversion to integer";

/** Thrown by operations whose result is undefined for their operands. */
export class NumericTrap extends Error {
  override readonly name: string = "NumericTrap";
  declare readonly message: NumericTrapMessage;

  constructor(message: NumericTrapMessage) {
    super(message);
  }
}
