// The memory model's categories as objects: what a host that manages memory meets.
export { InstanceOwner } from "./instance-owner.js";
export { ModuleOwner } from "./module-owner.js";
export { Runtime, type Leak, type RuntimeOptions } from "./runtime.js";
