// Makes the glue of real packages run on bare engine shells: lowered to ES5 (Hermes has neither classes nor async
// functions), with the few host objects that such glue takes for granted.
import ts from "typescript";

// Runs on the engine under test, as text.
const HOST = `
var globalThis_ = typeof globalThis === "object" ? globalThis : this;
if (typeof globalThis_.console !== "object" || !globalThis_.console.log) globalThis_.console = { log: print, warn: print, error: print };
["log", "warn", "error", "info", "debug"].forEach(function (name) {
  if (!globalThis_.console[name]) globalThis_.console[name] = function () {};
});
if (!globalThis_.performance) globalThis_.performance = { now: function () { return Date.now(); } };
if (!globalThis_.setTimeout) globalThis_.setTimeout = function (f) { Promise.resolve().then(f); return 0; };
if (!globalThis_.crypto) globalThis_.crypto = { getRandomValues: function (a) { for (var i = 0; i < a.length; i++) a[i] = i * 37; return a; } };
if (!globalThis_.TextDecoder) {
  globalThis_.TextDecoder = function () {};
  globalThis_.TextDecoder.prototype.decode = function (b) {
    var s = "", i = 0;
    while (b && i < b.length) {
      var c = b[i++];
      if (c >= 0xf0) c = (c & 7) << 18 | (b[i++] & 63) << 12 | (b[i++] & 63) << 6 | b[i++] & 63;
      else if (c >= 0xe0) c = (c & 15) << 12 | (b[i++] & 63) << 6 | b[i++] & 63;
      else if (c >= 0xc0) c = (c & 31) << 6 | b[i++] & 63;
      s += c > 65535 ? String.fromCharCode(0xd800 + (c - 65536 >> 10), 0xdc00 + (c & 1023)) : String.fromCharCode(c);
    }
    return s;
  };
}
if (!globalThis_.TextEncoder) {
  globalThis_.TextEncoder = function () {};
  globalThis_.TextEncoder.prototype.encode = function (s) {
    var b = unescape(encodeURIComponent(s)), a = new Uint8Array(b.length);
    for (var i = 0; i < a.length; i++) a[i] = b.charCodeAt(i);
    return a;
  };
}`;

/** Source text of a function of no arguments that evaluates a CommonJS file and returns its exports. */
export function glueText(source: string): string {
  const lowered = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES5,
      module: ts.ModuleKind.CommonJS,
      removeComments: true,
      ignoreDeprecations: "5.0",
    },
  }).outputText;
  return `function(){var module={exports:{}};(function(){${HOST}})();
    (function(module,exports){${lowered}\n})(module,module.exports);return module.exports}`;
}
