/* eslint-disable @typescript-eslint/no-unused-expressions -- the forms are what generated code would contain */
// Linear memory on engines without a JIT: what does an access cost as a DataView method, as an unchecked typed array
// element (wrong where Wasm traps or the address is not aligned), and as a checked element with the DataView as slow path?
// Run on an engine shell: <engine> interpreter-memory.js; prints milliseconds: bytes written, words read in a chain.
(function () {
  var say = typeof print === "function" ? print : console.log;
  var SIZE = 1 << 16;
  var buffer = new ArrayBuffer(SIZE);
  var M = new DataView(buffer);
  var B = new Uint8Array(buffer);
  var W = new Int32Array(buffer);
  var END = SIZE;
  function slowLoad(p) {
    return M.getInt32(p, true);
  }
  function slowStore(p, v) {
    M.setInt8(p, v);
  }
  function fill() {
    for (var i = 0; i < SIZE >> 2; i++) W[i] = ((i * 7919 + 13) & 16383) << 2;
  }
  var forms = {
    DataView: [
      function (n) {
        for (var k = 0; k < n; k++) for (var p = 0; p < 60000; p = (p + 3) | 0) M.setInt8(p, 1);
      },
      function (n) {
        var p = 0,
          s = 0;
        for (n = n * 20000; n; n = (n - 1) | 0) {
          p = M.getInt32(p, 1);
          s = (s + p) | 0;
        }
        return s;
      },
    ],
    "element, unchecked": [
      function (n) {
        for (var k = 0; k < n; k++) for (var p = 0; p < 60000; p = (p + 3) | 0) B[p] = 1;
      },
      function (n) {
        var p = 0,
          s = 0;
        for (n = n * 20000; n; n = (n - 1) | 0) {
          p = W[p >> 2];
          s = (s + p) | 0;
        }
        return s;
      },
    ],
    "element, p&3 and bounds": [
      function (n) {
        for (var k = 0; k < n; k++)
          for (var p = 0; p < 60000; p = (p + 3) | 0) p >>> 0 < END ? (B[p] = 1) : slowStore(p, 1);
      },
      function (n) {
        var p = 0,
          s = 0;
        for (n = n * 20000; n; n = (n - 1) | 0) {
          p = p & 3 || p >>> 0 >= END ? slowLoad(p) : W[p >> 2];
          s = (s + p) | 0;
        }
        return s;
      },
    ],
    "element, signed bounds": [
      function (n) {
        for (var k = 0; k < n; k++)
          for (var p = 0; p < 60000; p = (p + 3) | 0) p >= 0 && p < END ? (B[p] = 1) : slowStore(p, 1);
      },
      function (n) {
        var p = 0,
          s = 0;
        for (n = n * 20000; n; n = (n - 1) | 0) {
          p = p & -2147483645 || p >= END ? slowLoad(p) : W[p >> 2];
          s = (s + p) | 0;
        }
        return s;
      },
    ],
    "element, the result is checked": [
      function (n) {
        for (var k = 0; k < n; k++) for (var p = 0; p < 60000; p = (p + 3) | 0) p in B ? (B[p] = 1) : slowStore(p, 1);
      },
      function (n) {
        var p = 0,
          s = 0,
          t;
        for (n = n * 20000; n; n = (n - 1) | 0) {
          p = p & 3 || (t = W[p >> 2]) === undefined ? slowLoad(p) : t;
          s = (s + p) | 0;
        }
        return s;
      },
    ],
    "element by p/4": [
      function (n) {
        for (var k = 0; k < n; k++)
          for (var p = 0; p < 60000; p = (p + 3) | 0) p >>> 0 < END ? (B[p] = 1) : slowStore(p, 1);
      },
      function (n) {
        var p = 0,
          s = 0,
          t;
        for (n = n * 20000; n; n = (n - 1) | 0) {
          p = (t = W[p / 4]) === undefined ? slowLoad(p) : t;
          s = (s + p) | 0;
        }
        return s;
      },
    ],
    "a function": (function () {
      function load(p) {
        return p & 3 || p >>> 0 >= END ? slowLoad(p) : W[p >> 2];
      }
      function store(p, v) {
        p >>> 0 < END ? (B[p] = v) : slowStore(p, v);
      }
      return [
        function (n) {
          for (var k = 0; k < n; k++) for (var p = 0; p < 60000; p = (p + 3) | 0) store(p, 1);
        },
        function (n) {
          var p = 0,
            s = 0;
          for (n = n * 20000; n; n = (n - 1) | 0) {
            p = load(p);
            s = (s + p) | 0;
          }
          return s;
        },
      ];
    })(),
  };
  for (var name in forms) {
    var best = [1e9, 1e9];
    for (var round = 0; round < 3; round++) {
      for (var k = 0; k < 2; k++) {
        fill();
        var start = Date.now();
        forms[name][k](40);
        best[k] = Math.min(best[k], Date.now() - start);
      }
    }
    say(name + ": bytes written " + best[0] + ", words read " + best[1]);
  }
})();
