import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { Errno, WasiFailure, errnoOf, fail, failedWith } from "../../../runtime/wasi/errno.js";

const systemError = (code: string): Error => Object.assign(new Error(code), { code, syscall: "open", errno: -1 });

test("error numbers are the specification's: 77 of them, without a gap", () => {
  assert.deepEqual(
    Object.values(Errno),
    Array.from({ length: 77 }, (_, i) => i),
  );
  assert.deepEqual([Errno["2big"], Errno.badf, Errno.noent, Errno.spipe, Errno.notcapable], [1, 8, 44, 70, 76]);
});

test("every error that a host can have becomes the number of its name", () => {
  const unknown = ["ENOSR", "ENOSTR", "ETIME"]; // System V streams
  for (const code of Object.keys(constants.errno)) {
    const errno = errnoOf(systemError(code));
    const name = code === "EWOULDBLOCK" ? "again" : code === "EOPNOTSUPP" ? "notsup" : code.slice(1).toLowerCase();
    const expected =
      unknown.includes(code) || code === "ENODATA" || code.startsWith("WSA")
        ? Errno.io
        : Errno[name as keyof typeof Errno];
    assert.equal(errno, expected, code);
  }
  assert.equal(errnoOf(systemError("EVERYTHING")), Errno.io);
});

test("what is no failure of a call is passed on", () => {
  for (const error of [
    new Error("a bug"),
    new TypeError("no"),
    "string",
    null,
    undefined,
    7,
    Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" }),
  ]) {
    assert.throws(
      () => errnoOf(error),
      (thrown) => thrown === error,
    );
  }
});

test("failures carry their number", () => {
  assert.throws(
    () => fail("loop"),
    (error) =>
      error instanceof WasiFailure &&
      error.errno === Errno.loop &&
      failedWith(error, "loop") &&
      !failedWith(error, "noent"),
  );
});
