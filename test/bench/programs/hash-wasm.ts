// Hashes of the hash-wasm package, driven through the exports that its glue uses: argon2id (64-bit multiplies over a
// memory of megabytes) and long messages through seven 64-bit hashes.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Subject } from "./subject.js";

// Both run on the engine under test, as text. The size is in KiB of memory, or in messages of 16 KiB.
const ARGON2 = `function(instantiate){var made={};return function(kib){
  var e=made[kib];if(!e){e=made[kib]=instantiate({});e.Hash_GetBuffer();e.Hash_SetMemorySize(kib*1024+1024)}
  var at=e.Hash_GetBuffer(),bytes=new Uint8Array(e.memory.buffer,at,kib*1024+1024),x=1,i;
  bytes.fill(0);
  for(i=0;i<2048;i++){x=Math.imul(x,1103515245)+12345|0;bytes[i]=x>>>16}
  new Int32Array(e.memory.buffer,at+kib*1024,6).set([1,16,kib,4,19,2]);
  e.Hash_Calculate(0,kib,0);
  return Array.prototype.join.call(new Uint8Array(e.memory.buffer,at,16))}}`;

const LONG = (bits: number): string => `function(instantiate){var e=instantiate({});
  var bytes=new Uint8Array(e.memory.buffer,e.Hash_GetBuffer(),16384);
  return function(n){
    var i;for(i=0;i<16384;i++)bytes[i]=0;
    e.Hash_Init(${bits});
    for(i=0;i<16384;i++)bytes[i]=i*31+(i>>8);
    while(n-->0){bytes[n&16383]^=n;e.Hash_Update(16384)}
    e.Hash_Final(6);
    return Array.prototype.join.call(bytes.subarray(0,16))}}`;

export const HASHES = {
  argon2: [8192, 512, 32],
  sha512: [400, 25, 2],
  blake2b: [640, 40, 3],
  xxhash64: [16000, 1000, 60],
  xxhash3: [6000, 400, 25],
  sha3: [700, 44, 3],
  crc64: [2400, 150, 10],
  whirlpool: [120, 8, 1],
} as const;

export function hashWasm(name: keyof typeof HASHES, packages: string): Subject | undefined {
  const file = join(packages, "hash-wasm/dist/index.esm.js");
  if (!existsSync(file)) return undefined;
  const [, data] = new RegExp(`= "${name}";\\s*var data\\S* = "([^"]*)"`).exec(readFileSync(file, "utf8")) ?? [];
  if (data === undefined) return undefined;
  return {
    name: "hw-" + name,
    kind: "hash-wasm",
    sizes: HASHES[name],
    bytes: Buffer.from(data, "base64"),
    workload: name === "argon2" ? ARGON2 : LONG(name === "xxhash64" || name === "xxhash3" ? 0 : 512),
  };
}
