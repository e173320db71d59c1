import assert from "node:assert/strict";
import test from "node:test";
import { studentCdf } from "../../../pipeline/math/student.ts";

await test("Student's distribution as scipy 1.10's t.cdf has it", () => {
  for (const [t, degrees, expected] of [
    [1, 1, 0.7500000000000002],
    [-2, 2, 0.09175170953613696],
    [1.5, 3, 0.8847080673775886],
    [2.364624, 7, 0.9749999907479319],
    [-0.7, 10, 0.24994378508644222],
    [3, 25, 0.9969809102174283],
  ] as const) {
    assert.ok(
      Math.abs(studentCdf(t, degrees) - expected) < 1e-12,
      `${t} ${degrees}: ${studentCdf(t, degrees)}`,
    );
  }
  assert.throws(() => studentCdf(1, 0), RangeError);
});
