import assert from "node:assert/strict";
import test from "node:test";
import { dampedNewton } from "../../../pipeline/math/damped-newton.ts";

const options = { maxIterations: 100, valueTolerance: 1e-14 };

await test("a parabola by hand: 2 (x - 3)^2 + (y + 1)^2 / 2 from the origin", () => {
  const [x, y] = dampedNewton(
    {
      value: ([x, y]) => 2 * (x! - 3) ** 2 + (y! + 1) ** 2 / 2,
      slopes: ([x, y]) => ({
        gradient: Float64Array.of(4 * (x! - 3), y! + 1),
        curvature: Float64Array.of(4, 0, 0, 1),
      }),
    },
    new Float64Array(2),
    options,
  );
  assert.ok(Math.abs(x! - 3) < 1e-6 && Math.abs(y! + 1) < 1e-6, `${x}, ${y}`);
});

/** Of Rosenbrock's valley. */
const residuals = (x: number, y: number) => [10 * (y - x * x), 1 - x] as const;

await test("Rosenbrock's valley as least squares (curvature J'J), from the usual (-1.2, 1)", () => {
  const [x, y] = dampedNewton(
    {
      value: ([x, y]) => residuals(x!, y!).reduce((sum, value) => sum + value ** 2 / 2, 0),
      slopes: ([x, y]) => {
        const [first, second] = residuals(x!, y!);
        return {
          gradient: Float64Array.of(-20 * x! * first - second, 10 * first),
          curvature: Float64Array.of(400 * x! * x! + 1, 0, -200 * x!, 100),
        };
      },
    },
    Float64Array.of(-1.2, 1),
    options,
  );
  assert.ok(Math.abs(x! - 1) < 1e-6 && Math.abs(y! - 1) < 1e-6, `${x}, ${y}`);
});

await test("a start at the minimum stays, and a flat direction does no harm", () => {
  const flat = {
    value: ([x]: Float64Array) => x! ** 2,
    slopes: ([x]: Float64Array) => ({
      gradient: Float64Array.of(2 * x!, 0),
      curvature: Float64Array.of(2, 0, 0, 0),
    }),
  };
  assert.deepEqual([...dampedNewton(flat, Float64Array.of(0, 7), options)], [0, 7]);
  const [x, y] = dampedNewton(flat, Float64Array.of(5, 7), options);
  assert.ok(Math.abs(x!) < 1e-6 && y === 7);
});
