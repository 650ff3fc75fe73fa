// What every call works on: one guest's memory, descriptors, arguments and environment, and the machine below.

import type { Layout } from "./abi.js";
import type { FdTable } from "./fd-table.js";
import type { WasiHost } from "./host.js";
import type { GuestMemory } from "./memory.js";
import type { Room } from "./room.js";

/** @internal */
export interface Context {
  readonly memory: GuestMemory;
  readonly fds: FdTable;
  readonly host: WasiHost;
  readonly room: Room;
  /** Strings with their final NUL; none when the context has ended. */
  readonly args: Uint8Array[];
  readonly env: Uint8Array[];
  /** How records are laid out: preview 1 or preview 0. */
  readonly layout: Layout;
}
