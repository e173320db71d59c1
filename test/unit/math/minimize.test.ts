import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { minimize, type SmoothFunction } from "../../../pipeline/math/minimize.ts";

const parabola: SmoothFunction = (x, gradient) => {
  gradient[0] = 2 * (x[0]! - 3);
  return (x[0]! - 3) ** 2;
};

const rosenbrock: SmoothFunction = (x, gradient) => {
  gradient.fill(0);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const valley = x[i + 1]! - x[i]! ** 2;
    value += 100 * valley ** 2 + (1 - x[i]!) ** 2;
    gradient[i]! += -400 * x[i]! * valley - 2 * (1 - x[i]!);
    gradient[i + 1]! += 200 * valley;
  }
  return value;
};

/** x - log x, which is not a number below 0. */
const barrier: SmoothFunction = (x, gradient) => {
  gradient[0] = 1 - 1 / x[0]!;
  return x[0]! - Math.log(x[0]!);
};

/** Convex, with its minimum at 0, 1, 2, ... */
const bowl: SmoothFunction = (x, gradient) => {
  let value = 0;
  for (let i = 0; i < x.length; i++) {
    value += Math.cosh(x[i]! - i) * (i + 1);
    gradient[i] = Math.sinh(x[i]! - i) * (i + 1);
  }
  return value;
};

function assertNear(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i]! - value) < tolerance, `${actual[i]} at ${i}`));
}

await test("a parabola by hand: a unit step from 0, then the secant step lands on the minimum", () => {
  // Slope -6 at 0 and -4 at 1, so the curvature is 2 and the second step 4 / 2.
  const found = minimize(parabola, [0]);
  assertNear(found.x, [3], 1e-12);
  assert.equal(found.iterations, 2);
  assert.ok(found.converged);
});

await test("a quadratic form equals scipy", () => {
  // python3, scipy 1.10.1:
  //   A = np.array([[4., 1, 0], [1, 3, .5], [0, .5, 2]]); b = np.array([1., -2, 3])
  //   optimize.minimize(lambda v: (v @ A @ v / 2 - b @ v, A @ v - b), [0, 0, 0], jac=True, method="L-BFGS-B",
  //                     options=dict(gtol=1e-12, ftol=1e-16))
  const a = [4, 1, 0, 1, 3, 0.5, 0, 0.5, 2];
  const b = [1, -2, 3];
  const quadratic: SmoothFunction = (x, gradient) => {
    let value = 0;
    for (let i = 0; i < 3; i++) {
      let product = 0;
      for (let j = 0; j < 3; j++) product += a[3 * i + j]! * x[j]!;
      gradient[i] = product - b[i]!;
      value += x[i]! * (product / 2 - b[i]!);
    }
    return value;
  };
  const found = minimize(quadratic, [0, 0, 0], { valueTolerance: 0 });
  assertNear(found.x, [0.53571429, -1.14285714, 1.78571429], 1e-8);
  assertNear([found.value], [-4.089285714285715], 1e-12);
});

await test("Rosenbrock's valley in four dimensions ends where scipy does", () => {
  // optimize.minimize(optimize.rosen, [-1.2, 1, -1.2, 1], jac=optimize.rosen_der, method="L-BFGS-B",
  //                   options=dict(gtol=1e-10, ftol=1e-16)): x = [1 1 1 1], fun = 4e-22, 43 iterations
  const found = minimize(rosenbrock, [-1.2, 1, -1.2, 1]);
  assertNear(found.x, [1, 1, 1, 1], 1e-5);
  assert.ok(found.value < 1e-12 && found.iterations < 86, `${found.value} after ${found.iterations}`);
});

await test("steps out of the function's domain are shortened", () => {
  assertNear(minimize(barrier, [0.01]).x, [1], 1e-6);
  assertNear(minimize(barrier, [50]).x, [1], 1e-6);
});

await test("says when the iterations ran out, and refuses a start without a value", () => {
  assert.equal(minimize(rosenbrock, [-1.2, 1], { maxIterations: 3 }).converged, false);
  assert.throws(() => minimize(() => Number.NaN, [0]), /value at start=NaN/);
});

await test("never ends higher than it started, and ends flat on convex functions", () => {
  const starts = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(starts, (start) => {
      const first = rosenbrock(Float64Array.from(start), new Float64Array(start.length));
      assert.ok(minimize(rosenbrock, start).value <= first);

      assertNear(
        minimize(bowl, start).x,
        start.map((_, i) => i),
        1e-4,
      );
    }),
  );
});
