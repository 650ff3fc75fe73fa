// Mapping and verification: what makes an artifact unusable, how it is told, and that nothing is used before it is checked.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { container, writeAot } from "../../../compiler/write/aot.js";
import { ABI_VERSION, HEADER_SIZE, SECTION_ENTRY_SIZE } from "../../../loader/layout.js";
import type { SectionName } from "../../../loader/layout.js";
import { WholeMapping } from "../../../loader/mapping.js";
import { CodeRegion, load } from "../../../loader/index.js";
import { fullImage, smallestImage } from "./images.js";

const full = writeAot(fullImage());
type Functions = Record<string, (...args: unknown[]) => unknown>;

const imports = { env: { log() {} } };

function changed(edit: (bytes: Uint8Array, view: DataView) => void, source = full): Uint8Array {
  const bytes = source.slice();
  edit(bytes, new DataView(bytes.buffer));
  return bytes;
}

/** Makes the digests right again after an edit of sections, as somebody with intent could. */
export function resealed(source: Uint8Array, edit: (name: string, contents: Uint8Array) => Uint8Array): Uint8Array {
  const { sections } = load(source).region;
  return container(
    sections.map(({ name, offset, length }) => [
      name as SectionName,
      edit(name, source.slice(offset, offset + length)),
    ]),
  );
}

describe("mapping an artifact", () => {
  const REFUSED: readonly (readonly [string, Uint8Array, object])[] = [
    ["nothing", new Uint8Array(0), { code: "not-an-artifact", offset: 0 }],
    [
      "a WebAssembly module",
      Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0),
      { code: "not-an-artifact", message: /wamrc-ts compile/ },
    ],
    [
      "an AoT file of WAMR",
      Uint8Array.of(0, 97, 111, 116, 5, 0, 0, 0),
      { code: "not-an-artifact", message: /only WAMR/ },
    ],
    [
      "a file with converted line ends",
      changed((b) => b.copyWithin(5, 6)),
      { code: "not-an-artifact", message: /line ends/ },
    ],
    [
      "another format version",
      changed((_, v) => v.setUint32(8, 9, true)),
      { code: "format-version", offset: 8, message: /9.*reads 1/ },
    ],
    [
      "another ABI version",
      changed((_, v) => v.setUint32(12, 99, true)),
      { code: "abi-version", offset: 12, message: new RegExp(`99.*has ${ABI_VERSION}`) },
    ],
    ["a truncated file", full.subarray(0, full.length - 1), { code: "truncated", offset: 16 }],
    ["a truncated header", full.subarray(0, 10), { code: "truncated", section: "header" }],
    ["a file with something behind it", Uint8Array.of(...full, 0), { code: "trailing-bytes" }],
    ["too many sections", changed((_, v) => v.setUint32(20, 65, true)), { code: "malformed", offset: 20 }],
    ["a damaged section table", changed((b) => (b[HEADER_SIZE + 9]! ^= 1)), { code: "digest", section: "header" }],
  ];
  for (const [title, bytes, expected] of REFUSED) {
    it(`refuses ${title}`, () => {
      assert.throws(() => load(bytes), { name: "ArtifactError", ...expected });
    });
  }

  it("refuses what is not bytes", () => {
    assert.throws(() => load("x" as never), TypeError);
  });

  it("refuses an artifact for another target or with features that the runtime has not", () => {
    const image = fullImage();
    const hermes = writeAot({ ...image, target: { ...image.target, target: "hermes" } });
    assert.doesNotThrow(() => load(hermes));
    assert.throws(() => load(hermes, { target: "v8" }), {
      code: "target",
      message: /"hermes", expected v8 or generic/,
    });
    assert.doesNotThrow(() => load(full, { target: "v8" }));
    const unknown = writeAot({ ...image, target: { ...image.target, target: "toaster" } });
    assert.throws(() => load(unknown), { code: "target" });
    const gc = writeAot({ ...image, target: { ...image.target, features: ["gc", "multi-value"] } });
    assert.throws(() => load(gc), { code: "features", message: /relies on gc, this runtime supports/ });
  });

  it("checks sections in the table for order, place and reserved bits", () => {
    const reseal = (edit: (view: DataView) => void): Uint8Array =>
      changed((bytes, view) => {
        edit(view);
        const end = HEADER_SIZE + view.getUint32(20, true) * SECTION_ENTRY_SIZE;
        bytes.set(createHash("sha256").update(bytes.subarray(0, end)).digest(), end);
      });
    const entry = (i: number): number => HEADER_SIZE + i * SECTION_ENTRY_SIZE;
    for (const [what, edit] of [
      ["section 1 after section 1", (v) => v.setUint32(entry(1), 1, true)],
      ["unknown section 77", (v) => v.setUint32(entry(9), 77, true)],
      ["expected at", (v) => v.setUint32(entry(2) + 4, 9999, true)],
      ["reaches past the end", (v) => v.setUint32(entry(10) + 8, 1 << 30, true)],
      ["reserved field", (v) => v.setUint32(entry(3) + 12, 1, true)],
    ] satisfies [string, (view: DataView) => void][]) {
      assert.throws(() => load(reseal(edit)), { code: "malformed", message: new RegExp(what) }, what);
    }
  });
});

describe("a code region", () => {
  it("keeps a copy of its own", () => {
    const bytes = full.slice();
    const module = load(bytes);
    bytes.fill(0);
    module.region.verify();
    assert.equal((module.instantiate(imports).exports as Functions).add!(1, 2), 3);
  });

  it("detaches a buffer that it takes over", () => {
    const bytes = full.slice();
    const module = load(bytes, { transfer: true });
    assert.equal(bytes.length, 0);
    module.region.verify();
  });

  it("has nothing that could be written", () => {
    const { region } = load(full);
    assert.ok(Object.isFrozen(region));
    assert.deepEqual(Object.getOwnPropertyNames(region), []);
    assert.throws(() => ((region as { size: number }).size = 1), TypeError);
    const before = region.pageText(0);
    const { module } = load(full);
    module.dataSegments[0]!.bytes.fill(1);
    module.customs[0]!.bytes.fill(1);
    assert.equal(region.pageText(0), before);
    region.verify();
  });

  it("lists its sections and pages", () => {
    const { region } = load(full);
    assert.equal(region.pageCount, 2);
    assert.equal(region.size, full.length);
    const names = region.sections.map(({ name }) => name);
    assert.deepEqual(
      names,
      "target structure functions exports relocations pages data names lines custom text".split(" "),
    );
    assert.equal(region.page(0).offset % 4096, 0);
    assert.equal(region.page(1).offset, region.page(0).offset + 4096);
    assert.equal(region.pageText(1), fullImage().pages[1]!.text);
  });

  it("finds damage to a page when the page is first needed, and only then", () => {
    const { offset } = load(full).region.page(1);
    const damaged = load(changed((bytes) => (bytes[offset + 20]! ^= 1)));
    const exports = damaged.instantiate(imports).exports as Functions;
    assert.equal(exports.add!(1, 2), 3);
    for (let i = 0; i < 2; i++) {
      assert.throws(() => exports.mul!(1n, 2n), { code: "digest", section: "text", offset, message: /page 1/ });
    }
    assert.throws(
      () =>
        load(
          changed((bytes) => (bytes[offset + 20]! ^= 1)),
          { verify: true },
        ),
      { code: "digest" },
    );
  });

  it("finds bytes hidden in the padding when asked to verify", () => {
    const { offset, length } = load(full).region.page(0);
    const padded = changed((bytes) => (bytes[offset + length + 1] = 65));
    assert.doesNotThrow(() => load(padded));
    assert.throws(() => load(padded, { verify: true }), { code: "malformed", offset: offset + length + 1 });
  });

  it("traps without names and lines where those are damaged", () => {
    const { sections } = load(full).region;
    const at = (name: string): number => sections.find((section) => section.name === name)!.offset;
    const damaged = changed((bytes) => {
      bytes[at("names") + 3]! ^= 1;
      bytes[at("lines") + 3]! ^= 1;
    });
    const exports = load(damaged).instantiate(imports).exports as Functions;
    assert.throws(
      () => exports.boom!(),
      (error: Error & { frames: unknown[] }) => {
        assert.equal(JSON.stringify(error.frames), '[{"funcIndex":7}]');
        return true;
      },
    );
    assert.throws(() => load(damaged, { verify: true }), { code: "digest", section: "names" });
  });

  it("gives the image back", () => {
    const image = fullImage();
    const back = load(full).toImage();
    assert.deepEqual(writeAot(back), full);
    assert.deepEqual(back.target, image.target);
    assert.deepEqual(back.pages[1]!.lines, image.pages[1]!.lines);
    assert.equal(back.module.funcNames.get(7), "go boom ☃");
  });

  it("is the same bytes every time", () => {
    assert.deepEqual(writeAot(fullImage()), full);
    assert.deepEqual(writeAot(smallestImage()), writeAot(smallestImage()));
  });
});

describe("the text of a page", () => {
  const withText = (text: string, page = 0): Uint8Array => {
    const image = fullImage();
    return writeAot({ ...image, pages: image.pages.map((p, i) => (i === page ? { ...p, text } : p)) });
  };
  const BAD: readonly (readonly [string, string, RegExp])[] = [
    ["no expression", "var x", /is not an expression/],
    ["several statements", "function(R){}); globalThis.hacked = 1; (0", /is not/],
    ["no function", "1", /is not a function/],
    ["a factory that throws", "function(R){throw new Error('no')}", /cannot be linked: no/],
    ["too few functions", "function(R){return{f:[],b:function(){}}}", /does not make the functions/],
    ["no functions", "function(R){return{f:[1,2,3,4],b:function(){}}}", /does not make the functions/],
    ["nothing", "function(R){}", /does not make the functions/],
    ["no way to rebind", "function(R){function g(){}return{f:[g,g,g,g]}}", /does not make the functions/],
  ];
  for (const [title, text, message] of BAD) {
    it(`is refused: ${title}`, () => {
      const exports = load(withText(text)).instantiate(imports).exports as Functions;
      assert.throws(() => exports.add!(1, 2), { name: "ArtifactError", code: "page", message });
    });
  }

  it("must be ASCII", () => {
    assert.throws(() => withText("function(R){'ä'}"), /BUG/);
  });
});

describe("tables that do not fit together", () => {
  const flip = (section: string, at: number, value: number): Uint8Array =>
    resealed(full, (name, contents) => {
      if (name === section) contents[at] = value;
      return contents;
    });
  it("are found before anything runs", () => {
    // exports: count, then "add" as length, three letters, kind, index.
    assert.throws(() => load(flip("exports", 6, 99)), {
      code: "malformed",
      section: "exports",
      message: /func index 99/,
    });
    assert.throws(() => load(flip("exports", 5, 9)), {
      code: "malformed",
      section: "exports",
      message: /unknown choice 9/,
    });
    assert.throws(() => load(resealed(full, (name, c) => (name === "data" ? c.subarray(1) : c))), { section: "data" });
    assert.throws(() => load(flip("functions", 1, 9)), {
      section: "functions",
      message: /type 9 is not a function type/,
    });
  });

  it("cannot name helpers that are not in the ABI", () => {
    const image = fullImage();
    for (const name of ["i64_mux", "constructor", "__proto__", "eval"]) {
      const relocations = [{ kind: "helper", index: 0, name } as const];
      const pages = [{ ...image.pages[0]!, relocations }, image.pages[1]!];
      assert.throws(() => load(writeAot({ ...image, pages })), { code: "symbol", message: new RegExp(`"${name}"`) });
    }
  });

  it("are all that CodeRegion takes", () => {
    assert.throws(() => new CodeRegion(new WholeMapping(full.subarray(1))), { code: "not-an-artifact" });
  });
});
