// UTF-8 against the host's TextDecoder and TextEncoder.
import assert from "node:assert/strict";
import { it } from "node:test";
import { utf8Bytes, utf8String, utf8Text } from "../../../runtime/utf8.js";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

it("decodes as TextDecoder does every two-byte and many longer inputs", () => {
  const check = (input: Uint8Array): void => {
    let expected: string | undefined;
    try {
      expected = strict.decode(input);
    } catch {
      expected = undefined;
    }
    if (utf8String(input) !== expected) assert.fail(`strict: ${Buffer.from(input).toString("hex")}`);
    if (utf8Text(input) !== lenient.decode(input)) assert.fail(`lenient: ${Buffer.from(input).toString("hex")}`);
  };
  for (let first = 0; first < 256; first++)
    for (let second = 0; second < 256; second++) check(Uint8Array.of(first, second));
  const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xed, 0xef, 0xf4];
  for (const first of [0xe0, 0xe1, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5]) {
    for (const a of edges)
      for (const b of edges) {
        check(Uint8Array.of(first, a, b));
        for (const c of edges) check(Uint8Array.of(first, a, b, c));
      }
  }
});

it("encodes as TextEncoder does", () => {
  for (const text of ["", "abc", "é☃🎉\0", "\ud800", "a\udc00b"]) {
    assert.deepEqual([...utf8Bytes(text)], [...new TextEncoder().encode(text)]);
  }
});
