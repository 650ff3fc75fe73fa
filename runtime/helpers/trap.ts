// The helper that raises a trap. Generated code and the other helpers name a trap by its number in runtime/trap.ts.
import { Trap } from "../errors.js";
import type { TrapCode } from "../trap-code.js";

export function trap(code: TrapCode): never {
  throw new Trap(code);
}
