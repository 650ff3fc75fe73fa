// How does V8 compare two i64 that are BigInts? By the halves of cells, or as signed BigInts, which TurboFan compares in one
// instruction (unsigned ones it does not: their first bit is flipped). Half of the comparisons hold, in no order.
// Run on an engine shell: <engine> i64-comparisons.js; prints nanoseconds for one comparison with the load of an operand.
(function () {
  var say = typeof print === "function" ? print : console.log;
  var U = BigInt.asUintN;
  var A = BigInt.asIntN;
  var W = new BigUint64Array(16);
  var H = new Int32Array(W.buffer);
  var M = new DataView(new ArrayBuffer(65536));
  for (var at = 0; at < 65536; at += 4) M.setInt32(at, Math.imul(at + 1, 0x9e3779b1), true);
  var STEP = 0x1234567812345n;

  function signedByHalves(n) {
    var count = 0;
    W[8] = 5n;
    for (var i = 0; i < n; i++) {
      W[0] = M.getBigUint64((i << 3) & 65528, true);
      if (H[1] > H[17] || (H[1] == H[17] && H[0] >>> 0 > H[16] >>> 0)) count++;
      W[8] = U(64, W[8] + STEP);
    }
    return count;
  }
  function signedWhole(n) {
    var count = 0;
    W[8] = 5n;
    for (var i = 0; i < n; i++) {
      if (A(64, M.getBigUint64((i << 3) & 65528, true)) > A(64, W[8])) count++;
      W[8] = U(64, W[8] + STEP);
    }
    return count;
  }
  function unsignedByHalves(n) {
    var count = 0;
    W[8] = 5n;
    for (var i = 0; i < n; i++) {
      W[0] = M.getBigUint64((i << 3) & 65528, true);
      if (H[1] >>> 0 > H[17] >>> 0 || (H[1] == H[17] && H[0] >>> 0 > H[16] >>> 0)) count++;
      W[8] = U(64, W[8] + STEP);
    }
    return count;
  }
  function unsignedWhole(n) {
    var count = 0;
    W[8] = 5n;
    for (var i = 0; i < n; i++) {
      var x = M.getBigUint64((i << 3) & 65528, true);
      if (A(64, U(64, x ^ 0x8000000000000000n)) > A(64, U(64, W[8] ^ 0x8000000000000000n))) count++;
      W[8] = U(64, W[8] + STEP);
    }
    return count;
  }
  function unsignedDirect(n) {
    var count = 0;
    W[8] = 5n;
    for (var i = 0; i < n; i++) {
      if (M.getBigUint64((i << 3) & 65528, true) > W[8]) count++;
      W[8] = U(64, W[8] + STEP);
    }
    return count;
  }

  [
    [signedByHalves, signedWhole],
    [unsignedByHalves, unsignedWhole, unsignedDirect],
  ].forEach(function (functions) {
    var answers = functions.map(function (f) {
      var best = Infinity;
      var answer;
      for (var round = 0; round < 12; round++) {
        var start = Date.now();
        answer = f(3e6);
        best = Math.min(best, (Date.now() - start) / 3);
      }
      say(f.name + ": " + best.toFixed(1) + " ns");
      return answer;
    });
    if (new Set(answers).size !== 1) throw new Error("they differ: " + answers.join());
  });
})();
