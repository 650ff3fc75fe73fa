// The memory model's categories as objects: what a host that manages memory meets.
export { type AddressSpace, type Region } from "./address-space.js";
export { executeMain } from "./application.js";
export { ContextKey } from "./contexts.js";
export { embed, moduleInstanceOf, type EmbedArgs, type Instantiable, type InstanceArgs } from "./embedding.js";
export { DEFAULT_STACK_SIZE, type ExecEnv, type ExecEnvOptions, type ExecFrame } from "./exec-env.js";
export { type GuestFunction } from "./guest-function.js";
export { type UnlinkedImport } from "./import-linking.js";
export { InstanceOwner } from "./instance-owner.js";
export { ModuleOwner } from "./module-owner.js";
export { HostException } from "./failure.js";
export { type ModuleInstance } from "./module-instance.js";
export { native, type NativeSymbol, type RawNativeSymbol } from "./natives.js";
export { type Pointer } from "./pointer.js";
export { type NativeFunction } from "./signature.js";
export { SHARED_HEAP_NATIVES, type SharedHeap, type SharedHeapOptions } from "./shared-heap.js";
export { Runtime, type GrowthRefused, type Leak, type RuntimeOptions } from "./runtime.js";
