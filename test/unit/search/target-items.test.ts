import assert from "node:assert/strict";
import test from "node:test";
import {
  groupLosses,
  groupSizes,
  itemLosses,
  itemSizes,
  lossOver,
  targetLoss,
} from "../../../pipeline/search/target-items.ts";

/** Four questions: of three answers, of one, of two, of two. */
const target = {
  name: "quiz",
  questions: Uint32Array.of(4, 4, 4, 5, 9, 9, 11, 11),
  documentBytes: Uint32Array.of(10, 20, 10, 10, 10, 10, 10, 10),
};
// Nats per byte: 2, 1.5, 3: wrong. One answer: asks nothing. 1 before 2: right. 3 before 1: wrong.
const nats = [20, 30, 30, 10, 10, 20, 30, 10];

await test("by hand: an error rate is the wrong answers over the questions asked, bits per byte the right answers'", () => {
  assert.deepEqual(itemSizes(target, "accuracy"), [1, 0, 1, 1]);
  assert.deepEqual(itemLosses(target, "accuracy", nats), [1, 0, 0, 1]);
  assert.deepEqual(itemSizes(target, "bits-per-byte"), [10, 10, 10, 10]);
  const bits = (20 + 10 + 10 + 30) / Math.LN2 / 40;
  const byAccuracy = targetLoss(target, "accuracy", nats);
  assert.deepEqual([byAccuracy.target, byAccuracy.loss], ["quiz", 2 / 3]);
  assert.ok(Math.abs(byAccuracy.bitsPerByte! - bits) < 1e-12);
  assert.deepEqual(targetLoss(target, "bits-per-byte", nats), {
    target: "quiz",
    loss: byAccuracy.bitsPerByte,
  });
});

await test("by hand: near duplicates are one observation; a group that asks nothing is none", () => {
  // The first and the last question are near duplicates of each other.
  const groups = [7, 8, 9, 7];
  assert.deepEqual(groupSizes(target, "accuracy", groups), [2, 1]);
  assert.deepEqual(groupLosses(target, "accuracy", groups, nats), [2, 0]);
  assert.deepEqual(groupSizes(target, "bits-per-byte", groups), [20, 10, 10]);
  const bits = groupLosses(target, "bits-per-byte", groups, nats);
  assert.ok(Math.abs(lossOver(bits, [20, 10, 10]) - targetLoss(target, "bits-per-byte", nats).loss) < 1e-12);
});

await test("a target that asks nothing cannot be measured by accuracy", () => {
  const text = { name: "news", documentBytes: Uint32Array.of(3, 5) };
  assert.throws(() => itemSizes(text, "accuracy"), /target news is measured by accuracy, but none of/);
});
