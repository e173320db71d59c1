import assert from "node:assert/strict";
import test from "node:test";
import { binFeatures } from "../../../pipeline/predictor/binning.ts";
import { growTree, predictBinned, predictTree, type TreeOptions } from "../../../pipeline/predictor/tree.ts";

const plain: TreeOptions = { leaves: 31, depth: 4, minRowsPerLeaf: 1, l1: 0, l2: 0 };

function grow(values: number[], residuals: number[], options: Partial<TreeOptions>) {
  const data = binFeatures(Float64Array.from(values), values.length, 1);
  const rows = Uint32Array.from(values.keys());
  return { data, tree: growTree(data, Float64Array.from(residuals), rows, { ...plain, ...options }) };
}

await test("one split by hand", () => {
  // Residual sums -2 and 2 over two rows each: gain 4/2 + 4/2 - 0, leaves -1 and 1.
  const { tree } = grow([0.1, 0.2, 0.8, 0.9], [-1, -1, 1, 1], { depth: 1 });
  assert.deepEqual(Array.from(tree.feature.subarray(0, 3)), [0, -1, -1]);
  assert.equal(tree.threshold[0], 0.5);
  assert.deepEqual([predictTree(tree, [0.5]), predictTree(tree, [0.51])], [-1, 1]);
});

await test("L1 is taken off the residual sum, L2 added to the count", () => {
  const { tree } = grow([0.1, 0.2, 0.8, 0.9], [-1, -1, 1, 1], { depth: 1, l1: 1, l2: 2 });
  assert.deepEqual([predictTree(tree, [0]), predictTree(tree, [1])], [-0.25, 0.25]);
  const none = grow([0.1, 0.2, 0.8, 0.9], [-1, -1, 1, 1], { l1: 2 });
  assert.equal(none.tree.feature[0], -1);
});

await test("leaves keep their smallest size, and the tree its depth and number of leaves", () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  const steps = [0, 0, 0, 0, 0, 0, 0, 10];
  assert.equal(grow(values, steps, { minRowsPerLeaf: 3 }).tree.threshold[0], 5.5);
  assert.equal(grow(values, steps, { minRowsPerLeaf: 5 }).tree.feature[0], -1);
  const splits = (options: Partial<TreeOptions>) =>
    grow(values, [0, 1, 3, 6, 10, 15, 21, 28], options).tree.feature.filter((feature) => feature >= 0).length;
  assert.equal(splits({}), 7);
  assert.equal(splits({ depth: 2 }), 3);
  assert.equal(splits({ leaves: 4 }), 3);
});

await test("the leaf that gains most is split first", () => {
  // After the root's split at 4.5, the right side (0 against 100) gains more than the left (0 against 1).
  const { tree } = grow([1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 1, 1, 200, 200, 300, 300], { leaves: 3 });
  assert.equal(predictTree(tree, [1]), 0.5);
  assert.deepEqual([predictTree(tree, [5]), predictTree(tree, [8])], [200, 300]);
});

await test("rows of the data go where their values go", () => {
  const values = [0.3, 0.1, 0.7, 0.7, 0.2, 0.9];
  const { data, tree } = grow(values, [1, 5, 2, 8, 3, 9], {});
  values.forEach((value, row) => assert.equal(predictBinned(tree, data, row), predictTree(tree, [value])));
});
