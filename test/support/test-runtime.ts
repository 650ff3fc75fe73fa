// A runtime for tests that make modules and instances in any order: it remembers them, disposes of all of them in the end, and
// complains unless the allocator has got everything back.
import { load, type LoadedModule } from "../../loader/index.js";
import { Runtime, type Instance, type RuntimeOptions } from "../../runtime/index.js";

export class TestRuntime {
  readonly instances: Instance[] = [];
  private readonly options: RuntimeOptions;
  private readonly modules: LoadedModule[] = [];
  private current: Runtime | undefined;

  constructor(options: RuntimeOptions) {
    this.options = options;
  }

  /** A new one after each `finish`. */
  get runtime(): Runtime {
    return (this.current ??= Runtime.init(this.options));
  }

  load(bytes: Uint8Array): LoadedModule {
    const loaded = load(bytes, { runtime: this.runtime });
    this.modules.push(loaded);
    return loaded;
  }

  /** Throws where something is left that should not be, or counts do not agree. */
  finish(): void {
    const { current } = this;
    if (current === undefined) return;
    const { allocator, root } = current.memoryReport();
    if (root.bytes !== allocator.allocated)
      throw new Error(`report of ${root.bytes}, ${allocator.allocated} allocated`);
    // Later ones may import from earlier ones.
    for (const instance of this.instances.splice(0).reverse()) instance.dispose();
    for (const loaded of this.modules.splice(0)) loaded.dispose();
    const leaks = current.dispose();
    const { allocated } = current.allocator.statistics();
    if (leaks.length > 0 || allocated !== 0) throw new Error(`${allocated} bytes leaked: ${JSON.stringify(leaks)}`);
    this.current = undefined;
  }
}
