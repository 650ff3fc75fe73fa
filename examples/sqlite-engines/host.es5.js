// What SQLite needs from its host to work in memory, for engines that have nothing but the language: no WebAssembly, no
// TextEncoder, no files. The module is sql.js's unmodified sql-wasm.wasm; Emscripten shortened the names of its imports
// and exports to letters, so the tables below say what each is. ES5, because Hermes treats `let` as `var`.
"use strict";

var IMPORTS = {
  a: abort, // __assert_fail
  w: abort, // _abort_js
  c: function now() {
    return Date.now() % 1e9;
  },
  d: function dateNow() {
    return Date.now();
  },
  l: resizeHeap,
  p: function heapMax() {
    return 0x80000000;
  },
  H: function environSizesGet(count, size) {
    var view = new DataView(live.memory.buffer);
    view.setInt32(count, 0, true);
    view.setInt32(size, 0, true);
    return 0;
  },
  G: function environGet() {
    return 0;
  },
  x: function openat() {
    return -44; // no such file: SQLite then takes its random seed from the clock
  },
};

var EXPORTS = {
  memory: "O",
  init: "P",
  free: "Ja",
  malloc: "Ia",
  open: "Ha",
  close: "Ea",
  prepare: "T",
  step: "U",
  finalize: "X",
  errmsg: "$",
  columnCount: "ra",
  columnText: "Z",
};

var ROW = 100;
var live; // the one instance; imports reach its memory through it

function abort() {
  throw new Error("SQLite aborted");
}

function resizeHeap(bytes) {
  var missing = (bytes >>> 0) - live.memory.buffer.byteLength;
  live.memory.grow(Math.ceil(missing / 65536));
  return 1;
}

/** `instantiateSync` is the artifact's own; the result runs SQL on a fresh database in memory. */
function openDatabase(instantiateSync) {
  var imports = {};
  var letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
  for (var i = 0; i < letters.length; i++) imports[letters[i]] = IMPORTS[letters[i]] || missing(letters[i]);
  var exports = instantiateSync({ a: imports }).exports;
  live = {};
  for (var name in EXPORTS) live[name] = exports[EXPORTS[name]];
  live.init();
  var slot = live.malloc(4);
  check(live.open(writeText(":memory:"), slot));
  var db = readInt(slot);
  live.free(slot);
  return {
    query: function (sql) {
      return query(db, sql);
    },
    close: function () {
      live.close(db);
    },
  };
}

function missing(letter) {
  return function () {
    throw new Error("SQLite called import " + letter + ", which needs a file system");
  };
}

/** Rows of strings; null where SQLite says NULL. */
function query(db, sql) {
  var text = writeText(sql);
  var slot = live.malloc(4);
  check(live.prepare(db, text, -1, slot, 0), db);
  var statement = readInt(slot);
  var rows = [];
  var code;
  while ((code = live.step(statement)) === ROW) {
    var row = [];
    for (var i = 0; i < live.columnCount(statement); i++) row.push(readText(live.columnText(statement, i)));
    rows.push(row);
  }
  check(live.finalize(statement), db);
  live.free(slot);
  live.free(text);
  return rows;
}

function check(code, db) {
  if (code !== 0) throw new Error("SQLite error " + code + (db ? ": " + readText(live.errmsg(db)) : ""));
}

function readInt(at) {
  return new DataView(live.memory.buffer).getInt32(at, true);
}

function writeText(text) {
  var encoded = unescape(encodeURIComponent(text)); // UTF-8, a byte in each character
  var at = live.malloc(encoded.length + 1);
  var bytes = new Uint8Array(live.memory.buffer, at, encoded.length + 1);
  for (var i = 0; i < encoded.length; i++) bytes[i] = encoded.charCodeAt(i);
  bytes[encoded.length] = 0;
  return at;
}

function readText(at) {
  if (at === 0) return null;
  var bytes = new Uint8Array(live.memory.buffer);
  var encoded = "";
  for (; bytes[at] !== 0; at++) encoded += String.fromCharCode(bytes[at]);
  return decodeURIComponent(escape(encoded));
}
