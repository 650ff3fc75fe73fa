// Names of labels: as few as nest, counting only those that are printed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Labels } from "../../../compiler/emit/labels.js";

describe("labels", () => {
  it("are named by how many printed ones they stand in", () => {
    const labels = new Labels();
    const [outer, unused, inner] = [labels.open(), labels.open(), labels.open()];
    labels.close();
    const beside = labels.open();
    labels.close();
    labels.close();
    labels.close();
    const next = labels.open();
    assert.equal(unused.length, 3);
    const text = `${outer}:{${inner}:{break ${outer};}${beside}:for(;;)continue ${beside};}${next}:{break ${next};}`;
    assert.equal(labels.resolve(text), "a:{b:{break a;}b:for(;;)continue b;}a:{break a;}");
  });

  it("leave other text alone", () => {
    const labels = new Labels();
    labels.open();
    assert.equal(labels.resolve("for(;;);"), "for(;;);");
  });

  it("skip reserved words, however deep they stand", () => {
    const labels = new Labels();
    const names = labels.resolve(Array.from({ length: 200 }, () => labels.open()).join(" ")).split(" ");
    assert.equal(new Set(names).size, 200);
    for (const name of names) assert.doesNotThrow(() => new Function(`${name}:{break ${name}}`));
  });
});
