// What a memory access costs in a function that V8 never optimizes (as one beyond 61,440 bytes of bytecode): a method of
// DataView, a call of a small function around it that is itself optimized, an element of a typed array.
//   node --allow-natives-syntax test/bench/questions/accessors.js
// Settles PrintOptions.accessors in compiler/emit/function.ts.
const M = new DataView(new ArrayBuffer(65536));
const I32 = new Int32Array(M.buffer);
const load = (p) => M.getInt32(p, true);
const store = (p, v) => M.setInt32(p, v, true);

function warmUp() {
  let s = 0;
  for (let i = 0; i < 2e6; i++) {
    store(i & 1023, i);
    s += load(i & 1023) | 0;
  }
  return s;
}

const variants = {
  method(n) {
    let s = 0;
    for (let i = 0; i < n; i++) {
      s = (s + M.getInt32(i & 1020, true)) | 0;
      M.setInt32(i & 1020, s, true);
    }
    return s;
  },
  accessor(n) {
    let s = 0;
    for (let i = 0; i < n; i++) {
      s = (s + load(i & 1020)) | 0;
      store(i & 1020, s);
    }
    return s;
  },
  element(n) {
    let s = 0;
    for (let i = 0; i < n; i++) {
      s = (s + I32[(i & 1020) >> 2]) | 0;
      I32[(i & 1020) >> 2] = s;
    }
    return s;
  },
};

// As text, since only V8 with the flag can parse it.
const neverOptimize = new Function("run", "%NeverOptimizeFunction(run)");

warmUp();
warmUp();
const answers = new Set();
for (const run of Object.values(variants)) {
  neverOptimize(run);
  I32.fill(1);
  answers.add(run(5000));
}
if (answers.size !== 1) throw new Error(`the variants disagree: ${[...answers]}`);
for (let round = 0; round < 3; round++) {
  for (const [name, run] of Object.entries(variants)) {
    const start = performance.now();
    run(1e6);
    console.log(name, ((performance.now() - start) / 2).toFixed(0), "ns an access");
  }
}
