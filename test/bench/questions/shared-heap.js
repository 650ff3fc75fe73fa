// What an access to memory costs while a shared heap is attached, whose view is a subclass of DataView, against a plain view: a loop that
// does little else.
//   node test/bench/questions/shared-heap.js        (after npm run build; other shells: see RATIONALE.md)
// Settles runtime/environment/shared-heap-view.ts.
import { SharedHeapView } from "../../../dist/runtime/environment/shared-heap-view.js";

const LOW = 2 ** 31 - 65536;
const STEPS = 1e6;
const regions = [{ start: LOW, bytes: new Uint8Array(65536) }];
const memory = new DataView(new ArrayBuffer(1 << 20));

// As in a page: a function made anew for each view.
const loop = new Function(
  "M",
  `return function (n, base) {
    var s = 0;
    for (var i = 0; i < n; i = (i + 1) | 0) {
      var p = (base + ((i & 4095) << 2)) | 0;
      s = (s + M.getInt32(p, 1)) | 0;
      M.setInt32(p, s, 1);
    }
    return s;
  }`,
);

function nanoseconds(view, base) {
  const run = loop(view);
  let best = Infinity;
  for (let round = 0; round < 60; round++) {
    const start = performance.now();
    run(STEPS, base);
    best = Math.min(best, performance.now() - start);
  }
  return ((best * 1e6) / STEPS / 2).toFixed(2);
}

const attached = new SharedHeapView(memory, regions);
console.log(`plain view: ${nanoseconds(memory, 0)} ns an access`);
console.log(`shared heap attached, memory: ${nanoseconds(attached, 0)} ns, heap: ${nanoseconds(attached, LOW)} ns`);
