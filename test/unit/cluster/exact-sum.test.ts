import assert from "node:assert/strict";
import { test } from "node:test";
import { addRow, rounderFor, subtractRow } from "../../../pipeline/cluster/exact-sum.ts";
import { Random } from "../../../pipeline/math/random.ts";

await test("the quantum, by hand", () => {
  // count * largest = 2^3: q = 2^(3 - 51) = 2^-48, and 1.5 * 2^52 q = 1.5 * 2^4.
  const rounder = rounderFor(4, 2);
  assert.equal(rounder, 24);
  const round = (value: number): number => value + rounder - rounder;
  assert.equal(round(1 + 2 ** -48), 1 + 2 ** -48);
  assert.equal(round(1 + 2 ** -50), 1);
  assert.equal(round(-(2 ** -48)), -(2 ** -48));
  assert.equal(rounderFor(5, 0), 0);
});

await test("sums are the same bits in any order, and after taking away", () => {
  const random = new Random(4);
  const rows = 500;
  // Magnitudes over ten decades, where plain float64 sums do depend on the order.
  const data = Float32Array.from({ length: rows }, () => random.normal() * 10 ** (10 * random.uniform() - 5));
  const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const sum = (order: readonly number[], rounder: number): number => {
    const sums = new Float64Array(1);
    for (const row of order) addRow(sums, 0, data, row, 1, rounder);
    return sums[0]!;
  };
  const orders = Array.from({ length: 20 }, () => random.sampleWithoutReplacement(rows, rows));
  const rounder = rounderFor(rows, largest);
  assert.equal(new Set(orders.map((order) => sum(order, rounder))).size, 1);
  assert.ok(new Set(orders.map((order) => sum(order, 0))).size > 1);
  assert.ok(Math.abs(sum(orders[0]!, rounder) / data.reduce((total, value) => total + value, 0) - 1) < 1e-9);

  const sums = new Float64Array(1);
  for (const row of orders[0]!) addRow(sums, 0, data, row, 1, rounder);
  for (const row of orders[1]!.slice(0, 490)) subtractRow(sums, 0, data, row, 1, rounder);
  assert.equal(sums[0], sum(orders[1]!.slice(490), rounder));
});
