// Types of the native WebAssembly object as far as tests use it (no DOM library is loaded), and the object itself,
// taken before any test replaces or deletes the global.

export interface NativeModule {
  readonly nativeModule?: never;
}

export interface NativeInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

type ErrorClass = new (message?: string) => Error;

export interface NativeWebAssembly {
  Module: {
    new (bytes: Uint8Array): NativeModule;
    imports(module: NativeModule): { module: string; name: string; kind: string }[];
  };
  Instance: new (module: NativeModule, imports?: object) => NativeInstance;
  Memory: new (type: object) => { readonly buffer: ArrayBuffer; grow(delta: number): number };
  Table: new (type: object) => {
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value: unknown): void;
  };
  Global: new (type: object, value?: unknown) => { value: unknown };
  validate(bytes: Uint8Array): boolean;
  RuntimeError: ErrorClass;
  LinkError: ErrorClass;
  CompileError: ErrorClass;
}

export const W = (globalThis as unknown as { readonly WebAssembly: NativeWebAssembly }).WebAssembly;
