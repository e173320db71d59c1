/**
 * Minimisation with a model of the curvature (Levenberg 1944, Marquardt 1963): far fewer steps than from slopes alone where
 * parameters are few and differ in scale, as in nonlinear least squares.
 */
import { factorise, solveFactorised } from "./cholesky.ts";

export interface CurvedFunction {
  readonly value: (x: Float64Array) => number;
  /** The gradient, and in the lower triangle (size * size) a positive semidefinite curvature. */
  readonly slopes: (x: Float64Array) => { gradient: Float64Array; curvature: Float64Array };
}

export interface DampedNewtonOptions {
  readonly maxIterations: number;
  /** Stop when an iteration lowers the value by less than this share of max(|value|, 1). */
  readonly valueTolerance: number;
}

/** A damping beyond this makes steps too short to matter. */
const largestDamping = 1e8;

export function dampedNewton(
  { value, slopes }: CurvedFunction,
  start: Float64Array,
  { maxIterations, valueTolerance }: DampedNewtonOptions,
): Float64Array {
  let here = start;
  let lowest = value(here);
  let damping = 1e-2;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const { gradient, curvature } = slopes(here);
    const before = lowest;
    while (lowest === before && damping < largestDamping) {
      const step = dampedStep(curvature, gradient, damping);
      const next = here.map((x, i) => x - (step?.[i] ?? 0));
      const reached = value(next);
      if (reached < lowest) {
        here = next;
        lowest = reached;
        damping /= 5;
      } else {
        damping *= 4;
      }
    }
    if (!(before - lowest > valueTolerance * Math.max(1, Math.abs(lowest)))) break;
  }
  return here;
}

/** Undefined where the damped curvature is not positive definite. */
function dampedStep(curvature: Float64Array, gradient: Float64Array, damping: number) {
  const size = gradient.length;
  const damped = curvature.slice();
  for (let i = 0; i < size; i++) damped[i * size + i]! += damping * (curvature[i * size + i]! + 1e-9);
  return factorise(damped, size) ? solveFactorised(damped, size, gradient) : undefined;
}
