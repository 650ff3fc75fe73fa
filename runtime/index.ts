// The public face of the runtime: what a program that runs precompiled modules needs, and the types it meets.
export { ABI_VERSION } from "./abi.js";
export { ExitError, LinkError, Trap, type TrapFrame } from "./errors.js";
export {
  type AddressSpace,
  ContextKey,
  DEFAULT_STACK_SIZE,
  embed,
  executeMain,
  HostException,
  moduleInstanceOf,
  native,
  Runtime,
  SHARED_HEAP_NATIVES,
  type EmbedArgs,
  type ExecEnv,
  type ExecEnvOptions,
  type ExecFrame,
  type GrowthRefused,
  type GuestFunction,
  type InstanceArgs,
  type Instantiable,
  type Leak,
  type ModuleInstance,
  type NativeFunction,
  type NativeSymbol,
  type Pointer,
  type RawNativeSymbol,
  type Region,
  type RuntimeOptions,
  type SharedHeap,
  type SharedHeapOptions,
  type UnlinkedImport,
} from "./environment/index.js";
export { type CodeProvider } from "./instance/code.js";
export { type ExportedFunction } from "./instance/func.js";
export { Global, type GlobalDescriptor } from "./instance/global.js";
export { Instance, type Exports } from "./instance/instance.js";
export { instantiate, type InstantiateOptions } from "./instance/instantiate.js";
export { type ImportObject } from "./instance/link.js";
export { MAX_MEMORY_PAGES, Memory, type MemoryDescriptor } from "./instance/memory.js";
export { Table, type TableDescriptor } from "./instance/table.js";
export { type FrameLocation, type JsFrame } from "./instance/trace.js";
export {
  LifetimeError,
  MemoryError,
  type Allocation,
  type AllocatorOptions,
  type MemoryReport,
  type ReportItem,
  type ReportNode,
} from "./memory/index.js";
export { TRAP_MESSAGES, type TrapMessage } from "./trap.js";
export { WasmError } from "./wasm/error.js";
export { type Module } from "./wasm/module.js";
