// memory.copy and memory.fill of few bytes, as functions of the page that move words through the memory's view. Programs copy
// structs and short strings most of the time, and calling the engine's copyWithin takes as long as moving a hundred bytes.
// What is longer, or out of bounds, is left to the instance, which traps before anything is written; as must be done here.
import type { TargetChoices } from "../targets.js";

/** Bytes up to which words are moved. */
const SHORT = 128;

/** How a page function reaches one memory. */
export interface BulkHost {
  /** The memory's view and index. */
  readonly view: string;
  readonly index: number;
  /** The instance, for what is not short. */
  readonly instance: string;
  /** The flag of DataView's methods. */
  readonly littleEndian: string;
}

/**
 * `name(d,s,n)`, memory.copy within one memory. From the front, or from the back where the bytes overlap and move up; a word is read
 * whole before it is written, so words may overlap too.
 */
export function copyFunction(name: string, host: BulkHost, words: TargetChoices["shortCopies"]): string {
  const { view, index, instance, littleEndian } = host;
  const move = (bits: string, flag = true): string => {
    const f = flag ? `,${littleEndian}` : "";
    return `m.set${bits}(d+i,m.get${bits}(s+i${f})${f})`;
  };
  const [step, word] = words === "64" ? [8, "BigUint64"] : [4, "Int32"];
  const rest = (size: number, bits: string): readonly [up: string, down: string] => {
    const one = move(bits, size > 1);
    return [`if(n&${size}){${one};i=i+${size}|0}`, `if(n&${size}){i=i-${size}|0;${one}}`];
  };
  const tail = [...(step === 8 ? [rest(4, "Int32")] : []), rest(2, "Int16"), rest(1, "Int8")];
  const up = `e=n&${-step};for(;i<e;i=i+${step}|0)${move(word)};${tail.map(([part]) => part).join("")}`;
  const down = `for(i=n;i>=${step};){i=i-${step}|0;${move(word)}}${tail.map(([, part]) => part).join("")}`;
  return (
    `function ${name}(d,s,n){var m=${view},i=0,e=m.byteLength-n|0;` +
    `if(n>>>0>${SHORT}|d>>>0>e|s>>>0>e)${instance}.memory_copy(${index},${index},d,s,n);` +
    `else if(d-s>>>0>=n){${up}}else{${down}}}`
  );
}

/** `name(d,v,n)`, memory.fill. */
export function fillFunction(name: string, host: BulkHost): string {
  const { view, index, instance, littleEndian: f } = host;
  return (
    `function ${name}(d,v,n){var m=${view},i=0,e=m.byteLength-n|0;` +
    `if(n>>>0>${SHORT}|d>>>0>e)${instance}.memory_fill(${index},d,v,n);` +
    `else{v=(v&255)*16843009|0;e=n&-4;for(;i<e;i=i+4|0)m.setInt32(d+i,v,${f});` +
    `if(n&2){m.setInt16(d+i,v,${f});i=i+2|0}if(n&1)m.setInt8(d+i,v)}}`
  );
}
