import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InputError } from "../../../pipeline/core/errors.ts";
import { labelIds, tableOfLabels } from "../../../pipeline/domains/label-ids.ts";

function hasRemedy(error: unknown): boolean {
  return error instanceof InputError && /fields\.label|coarser/.test(error.hint);
}

await test("labels in natural order; what has none comes after them", () => {
  const { labels, rowLabel } = tableOfLabels(["10", null, "2", "", "10"], "label");
  assert.deepEqual(labels, ["2", "10"]);
  assert.deepEqual([...rowLabel], [1, 2, 0, 2, 1]);
});

await test("no label at all, and too many, say what to do", () => {
  assert.throws(() => tableOfLabels([null, ""], "label"), hasRemedy);
  const many = Array.from({ length: 501 }, (_, i) => String(i));
  assert.throws(() => tableOfLabels(many, "label"), hasRemedy);
});

await test("ids are the labels where these can be names of folders", () => {
  assert.deepEqual(labelIds(["law", "11", "Arts & Crafts", "arts-crafts", "Über", "...", "a/../b", "-x"]), [
    "law",
    "domain_11",
    "Arts-Crafts",
    "arts-crafts-2",
    "ber",
    "domain_",
    "a-..-b",
    "x",
  ]);
});

await test("any labels get different file names", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 30 }), (labels) => {
      const ids = labelIds(labels);
      assert.equal(new Set(ids).size, labels.length);
      for (const id of ids) assert.match(id, /^[A-Za-z][\w.-]*$/);
    }),
  );
});
