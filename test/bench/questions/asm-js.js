// Would asm.js be a way to native speed on V8? It still compiles "use asm" modules through its Wasm pipeline. Measured: f32
// arithmetic, which plain JavaScript rounds by converting twice; and loads with what WebAssembly asks for and asm.js has
// not, a trap out of bounds and unaligned access, as one comparison of the rotated address with a call behind it.
// Run on an engine shell: <engine> asm-js.js; prints nanoseconds for one step.
function makeAsm(stdlib, foreign, heap) {
  "use asm";
  var fround = stdlib.Math.fround;
  var HEAP = new stdlib.Int32Array(heap);
  var load = foreign.load;
  var limit = 0;
  function setLimit(n) {
    n = n | 0;
    limit = n >>> 2;
  }
  function slow(p) {
    p = p | 0;
    return load(p | 0) | 0;
  }
  function float32(n) {
    n = n | 0;
    var s = fround(1);
    for (; n; n = (n - 1) | 0) s = fround(fround(s * fround(0.5)) + fround(1));
    return fround(s);
  }
  function plain(n) {
    n = n | 0;
    var s = 0,
      p = 0;
    for (; n; n = (n - 1) | 0) {
      s = (s + (HEAP[p >> 2] | 0)) | 0;
      p = (p + 4) & 65532;
    }
    return s | 0;
  }
  function guarded(n) {
    n = n | 0;
    var s = 0,
      p = 0;
    for (; n; n = (n - 1) | 0) {
      s = (s + (((p >>> 2) | (p << 30)) >>> 0 < limit >>> 0 ? HEAP[p >> 2] | 0 : slow(p) | 0)) | 0;
      p = (p + 4) & 65532;
    }
    return s | 0;
  }
  return { setLimit: setLimit, float32: float32, plain: plain, guarded: guarded };
}
(function () {
  var say = typeof print === "function" ? print : console.log;
  var buffer = new ArrayBuffer(65536);
  var M = new DataView(buffer);
  var asm = makeAsm(
    globalThis,
    {
      load: function (p) {
        return M.getInt32(p, true);
      },
    },
    buffer,
  );
  asm.setLimit(65536);
  function float32(n) {
    var fround = Math.fround,
      s = 1;
    for (; n; n--) s = fround(fround(s * fround(0.5)) + 1);
    return s;
  }
  function dataView(n) {
    var s = 0,
      p = 0;
    for (; n; n--) {
      s = (s + M.getInt32(p, true)) | 0;
      p = (p + 4) & 65532;
    }
    return s;
  }
  function time(f) {
    var best = Infinity,
      k,
      t;
    for (k = 0; k < 8; k++) {
      t = Date.now();
      f(2e7);
      best = Math.min(best, Date.now() - t);
    }
    return (best / 20).toFixed(2);
  }
  say("f32 multiply and add: JavaScript " + time(float32) + " ns, asm.js " + time(asm.float32) + " ns");
  say(
    "load: DataView " + time(dataView) + ", asm.js without traps " + time(asm.plain) + ", guarded " + time(asm.guarded),
  );
})();
