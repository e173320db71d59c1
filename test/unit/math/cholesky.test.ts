import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
  dotAt,
  factorise,
  invertFactorised,
  logDeterminant,
  solveFactorised,
  solveLower,
  solveLowerRows,
} from "../../../pipeline/math/cholesky.ts";
import { Random } from "../../../pipeline/math/random.ts";

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(Math.abs(actual[i]! - expected[i]!) <= tolerance, `${actual[i]} should be ${expected[i]}`);
  }
}

await test("two by two by hand", () => {
  // [4 2; 2 3] = L L' with L = [2 0; 1 sqrt2]; determinant 8; inverse [3 -2; -2 4] / 8.
  const factor = Float64Array.of(4, Number.NaN, 2, 3);
  assert.equal(factorise(factor, 2), true);
  assertClose([factor[0]!, factor[2]!, factor[3]!], [2, 1, Math.SQRT2]);
  assert.ok(Math.abs(logDeterminant(factor, 2) - Math.log(8)) < 1e-12);
  assertClose(solveLower(factor, 2, Float64Array.of(2, 3)), [1, Math.SQRT2]);
  assertClose(solveFactorised(factor, 2, Float64Array.of(8, 8)), [1, 2]);
  const inverse = new Float64Array(4);
  invertFactorised(factor, 2, inverse, new Float64Array(4));
  assertClose([inverse[0]!, inverse[2]!, inverse[3]!], [3 / 8, -2 / 8, 4 / 8]);
});

await test("a matrix that is not positive definite is said to be none", () => {
  assert.equal(factorise(Float64Array.of(1, 0, 2, 1), 2), false);
  assert.equal(factorise(Float64Array.of(0), 1), false);
  assert.equal(factorise(Float64Array.of(Number.NaN), 1), false);
});

await test("the dot product of stretches equals the plain sum", () => {
  const values = Float64Array.from({ length: 20 }, (_, i) => i + 1);
  for (let length = 0; length <= 9; length++) {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += values[2 + k]! * values[7 + k]!;
    assert.equal(dotAt(values, 2, values, 7, length), sum);
  }
});

await test("factor, solution and inverse give the matrix back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), (size, seed) => {
      const random = new Random(seed);
      const root = Float64Array.from({ length: size * size }, () => random.normal());
      const at = (i: number, j: number) =>
        dotAt(root, i * size, root, j * size, size) / size + (i === j ? 0.1 : 0);
      const matrix = Float64Array.from({ length: size * size }, (_, k) => at(Math.floor(k / size), k % size));

      const factor = matrix.slice();
      assert.ok(factorise(factor, size));
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) {
          const product = dotAt(factor, i * size, factor, j * size, j + 1);
          assert.ok(Math.abs(product - matrix[i * size + j]!) < 1e-12);
        }
      }
      const solution = Float64Array.from({ length: size }, () => random.normal());
      const right = solution.map((_, i) => dotAt(matrix, i * size, solution, 0, size));
      assertClose(solveFactorised(factor, size, right), solution, 1e-9);

      const rows = Float64Array.from({ length: 6 * size }, () => random.normal());
      const together = solveLowerRows(factor, size, rows.slice(), 6);
      for (let row = 0; row < 6; row++) {
        const alone = solveLower(factor, size, rows.slice(row * size, (row + 1) * size));
        assertClose(together.subarray(row * size, (row + 1) * size), alone, 1e-9);
      }

      const inverse = new Float64Array(size * size);
      invertFactorised(factor, size, inverse, new Float64Array(size * size));
      for (let j = 0; j < size; j++) {
        const column = new Float64Array(size);
        column[j] = 1;
        solveFactorised(factor, size, column);
        for (let i = j; i < size; i++) assert.ok(Math.abs(inverse[i * size + j]! - column[i]!) < 1e-9);
      }
    }),
    { numRuns: 40 },
  );
});
