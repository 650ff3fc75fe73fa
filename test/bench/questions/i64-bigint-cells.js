// Can V8 run i64 code as 64-bit machine code? TurboFan lowers BigInt.asUintN(64, x op y) for + - * & | ^, shifts by
// constants, DataView's getBigUint64/setBigUint64 and signed / and %, to single 64-bit instructions, but allocates a
// BigInt wherever a value passes a loop header or a merge. So: BigInt for what lives within straight-line code, and an
// element of a BigUint64Array (a "cell") for what lives across a merge, a loop or a call.
// Run on an engine shell: <engine> i64-bigint-cells.js; prints nanoseconds for one step, as halves and as cells.
(function () {
  var say = typeof print === "function" ? print : console.log;
  var imul = Math.imul;
  var U = BigInt.asUintN;
  var B = new BigUint64Array(64);
  var I = new Int32Array(B.buffer);
  var M = new DataView(new ArrayBuffer(65536));
  for (var at = 0; at < 65536; at += 4) M.setInt32(at, imul(at + 1, 0x9e3779b1), true);
  var HIGH = 0;

  // --- xxHash64, one lane: acc = rotl(acc + input * P2, 31) * P1
  function xxhPair(n) {
    var j = 1,
      k = 0,
      x,
      y,
      p,
      q,
      r,
      s,
      t,
      u,
      m = 0;
    for (; n; n--) {
      x = M.getInt32(m, true);
      y = M.getInt32(m + 4, true);
      p = imul(x, 668265295);
      q = (p + j) | 0;
      r =
        (((((x >>> 0) * 668265295 - (p >>> 0)) / 4294967296 + 0.5) >>> 0) +
          imul(x, -1028477379) +
          imul(y, 668265295) +
          k +
          (q >>> 0 < j >>> 0)) |
        0;
      s = (q << 31) | (r >>> 1);
      t = (r << 31) | (q >>> 1);
      u = imul(s, -2048144761);
      k =
        (((((s >>> 0) * 2246822535 - (u >>> 0)) / 4294967296 + 0.5) >>> 0) +
          imul(s, -1640531535) +
          imul(t, -2048144761)) |
        0;
      j = u;
      m = (m + 8) & 65528;
    }
    HIGH = k;
    return j;
  }
  function xxhCell(n) {
    var t,
      m = 0;
    B[0] = 1n;
    for (; n; n--) {
      t = U(64, B[0] + U(64, M.getBigUint64(m, true) * 14029467366897019727n));
      t = U(64, U(64, t << 31n) | U(64, t >> 33n));
      B[0] = U(64, t * 11400714785074694791n);
      m = (m + 8) & 65528;
    }
    HIGH = I[1];
    return I[0];
  }

  // --- SHA-512, one round
  function shaPair(n) {
    var a = 1,
      A = 2,
      b = 3,
      Bb = 4,
      c = 5,
      C = 6,
      d = 7,
      D = 8,
      e = 9,
      E = 10,
      f = 11,
      F = 12,
      g = 13,
      G = 14,
      h = 15,
      H = 16,
      m = 0;
    var x, y, k, s, S, t, T, u, o, O, v, w;
    for (; n; n--) {
      x = M.getInt32(m, true);
      y = M.getInt32(m + 4, true);
      s = ((e >>> 14) | (E << 18)) ^ ((e >>> 18) | (E << 14)) ^ ((E >>> 9) | (e << 23));
      S = ((E >>> 14) | (e << 18)) ^ ((E >>> 18) | (e << 14)) ^ ((e >>> 9) | (E << 23));
      k = (e & f) ^ (~e & g);
      t = (h + s) | 0;
      u = (t + k) | 0;
      v = (u + x) | 0;
      T = (H + S + ((E & F) ^ (~E & G)) + y + (t >>> 0 < h >>> 0) + (u >>> 0 < k >>> 0) + (v >>> 0 < x >>> 0)) | 0;
      s = ((a >>> 28) | (A << 4)) ^ ((A >>> 2) | (a << 30)) ^ ((A >>> 7) | (a << 25));
      S = ((A >>> 28) | (a << 4)) ^ ((a >>> 2) | (A << 30)) ^ ((a >>> 7) | (A << 25));
      k = (a & b) ^ (a & c) ^ (b & c);
      o = (s + k) | 0;
      O = (S + ((A & Bb) ^ (A & C) ^ (Bb & C)) + (o >>> 0 < k >>> 0)) | 0;
      h = g;
      H = G;
      g = f;
      G = F;
      f = e;
      F = E;
      e = (d + v) | 0;
      E = (D + T + (e >>> 0 < v >>> 0)) | 0;
      d = c;
      D = C;
      c = b;
      C = Bb;
      b = a;
      Bb = A;
      a = (v + o) | 0;
      A = (T + O + (a >>> 0 < o >>> 0)) | 0;
      m = (m + 8) & 65528;
    }
    w = a ^ e;
    HIGH = A ^ E;
    return w;
  }
  function shaCell(n) {
    var m = 0,
      a,
      b,
      c,
      d,
      e,
      f,
      g,
      h,
      t,
      o;
    for (t = 0; t < 16; t++) I[t] = t + 1;
    for (; n; n--) {
      a = B[0];
      b = B[1];
      c = B[2];
      d = B[3];
      e = B[4];
      f = B[5];
      g = B[6];
      h = B[7];
      t = U(64, U(64, U(64, e >> 14n) | U(64, e << 50n)) ^ U(64, U(64, e >> 18n) | U(64, e << 46n)));
      t = U(64, h + U(64, t ^ U(64, U(64, e >> 41n) | U(64, e << 23n))));
      t = U(64, t + U(64, U(64, e & f) ^ U(64, U(64, e ^ 0xffffffffffffffffn) & g)));
      t = U(64, t + M.getBigUint64(m, true));
      o = U(64, U(64, U(64, a >> 28n) | U(64, a << 36n)) ^ U(64, U(64, a >> 34n) | U(64, a << 30n)));
      o = U(64, o ^ U(64, U(64, a >> 39n) | U(64, a << 25n)));
      o = U(64, o + U(64, U(64, U(64, a & b) ^ U(64, a & c)) ^ U(64, b & c)));
      B[7] = g;
      B[6] = f;
      B[5] = e;
      B[4] = U(64, d + t);
      B[3] = c;
      B[2] = b;
      B[1] = a;
      B[0] = U(64, t + o);
      m = (m + 8) & 65528;
    }
    HIGH = I[1] ^ I[9];
    return I[0] ^ I[8];
  }

  // --- one step of a linear congruential generator with its 32-bit output
  function lcgPair(n) {
    var a = 1,
      b = 0,
      p,
      s = 0;
    for (; n; n--) {
      p = imul(a, 1284865837);
      b =
        (((((a >>> 0) * 1284865837 - (p >>> 0)) / 4294967296 + 0.5) >>> 0) +
          imul(a, 1481765933) +
          imul(b, 1284865837)) |
        0;
      a = (p + -144211633) | 0;
      b = (b + 335903614 + (a >>> 0 < 4150755663)) | 0;
      s = (s + ((b << 14) | (a >>> 18))) | 0;
    }
    return s ^ a ^ b;
  }
  function lcgCell(n) {
    var s = 0;
    B[0] = 1n;
    for (; n; n--) {
      B[0] = U(64, U(64, B[0] * 6364136223846793005n) + 1442695040888963407n);
      s = (s + ((I[1] << 14) | (I[0] >>> 18))) | 0;
    }
    return s ^ I[0] ^ I[1];
  }

  function time(f) {
    var best = Infinity,
      k,
      t,
      u;
    var clock =
      typeof process === "object" && process.cpuUsage
        ? function () {
            u = process.cpuUsage();
            return (u.user + u.system) / 1000;
          }
        : typeof performance === "object"
          ? function () {
              return performance.now();
            }
          : Date.now;
    for (k = 0; k < 12; k++) {
      t = clock();
      f(300000);
      best = Math.min(best, clock() - t);
    }
    return best / 0.3;
  }
  [
    ["xxh64 lane", xxhPair, xxhCell],
    ["sha512 round", shaPair, shaCell],
    ["lcg step", lcgPair, lcgCell],
  ].forEach(function (row) {
    var one = row[1](1000),
      high = HIGH,
      two = row[2](1000);
    var right = one === two && (row[0] === "lcg step" || high === HIGH);
    say(
      row[0] +
        ": halves " +
        time(row[1]).toFixed(1) +
        " ns, cells " +
        time(row[2]).toFixed(1) +
        " ns" +
        (right ? "" : " WRONG: " + [one, high, two, HIGH]),
    );
  });
})();
