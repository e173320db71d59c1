/** Limited-memory BFGS for smooth functions (Nocedal & Wright 2006, algorithms 7.4 and 7.5). */

/** Value at `x`; writes the gradient (same length) into `gradient`. May return Infinity or NaN outside its domain. */
export type SmoothFunction = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimizeOptions {
  readonly maxIterations?: number;
  /** Stop when no component of the gradient is larger. */
  readonly gradientTolerance?: number;
  /** Stop when one iteration lowers the value by less than this share of max(|value|, 1). */
  readonly valueTolerance?: number;
  /** Past steps that shape the next one. */
  readonly memory?: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** False when the iterations ran out. */
  readonly converged: boolean;
}

interface Step {
  readonly move: Float64Array;
  readonly change: Float64Array;
  /** 1 / (move . change) */
  readonly rho: number;
}

interface Point {
  x: Float64Array;
  gradient: Float64Array;
  value: number;
}

/** @throws RangeError if the function is not finite at `start` */
export function minimize(
  evaluate: SmoothFunction,
  start: ArrayLike<number>,
  options: MinimizeOptions = {},
): Minimum {
  const { maxIterations = 200, gradientTolerance = 1e-8, valueTolerance = 1e-12, memory = 10 } = options;
  let here = pointAt(evaluate, Float64Array.from(start));
  if (!Number.isFinite(here.value)) throw new RangeError(`value at start=${here.value} should be finite`);
  const steps: Step[] = [];

  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (largest(here.gradient) <= gradientTolerance) return minimum(here, iteration, true);
    let direction = quasiNewtonDirection(here.gradient, steps);
    if (!(dot(direction, here.gradient) < 0)) {
      steps.length = 0;
      direction = quasiNewtonDirection(here.gradient, steps);
    }
    // Without curvature yet, the first step is at most of length 1.
    const firstLength = steps.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(direction, direction)));
    const next = searchLine(evaluate, here, direction, firstLength);
    if (next === undefined) return minimum(here, iteration, true);

    const move = subtract(next.x, here.x);
    const change = subtract(next.gradient, here.gradient);
    const curvature = dot(move, change);
    if (curvature > 1e-14 * dot(change, change)) {
      steps.push({ move, change, rho: 1 / curvature });
      if (steps.length > memory) steps.shift();
    }
    const gain = here.value - next.value;
    here = next;
    if (gain <= valueTolerance * Math.max(1, Math.abs(here.value))) return minimum(here, iteration + 1, true);
  }
  return minimum(here, maxIterations, false);
}

/** -H gradient by the two-loop recursion; steepest descent while `steps` is empty. */
function quasiNewtonDirection(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((slope) => -slope);
  const weights = new Float64Array(steps.length);
  for (let i = steps.length - 1; i >= 0; i--) {
    const { move, change, rho } = steps[i]!;
    weights[i] = rho * dot(move, direction);
    addScaled(direction, -weights[i]!, change);
  }
  const last = steps.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.change, last.change));
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (let i = 0; i < steps.length; i++) {
    const { move, change, rho } = steps[i]!;
    addScaled(direction, weights[i]! - rho * dot(change, direction), move);
  }
  return direction;
}

/**
 * A step that lowers the value enough (Armijo, 1e-4) and leaves a slope at most 0.9 as steep (Wolfe), by doubling and
 * bisecting (Lewis & Overton 2013). Undefined when no representable step lowers the value: `from` is the minimum.
 */
function searchLine(
  evaluate: SmoothFunction,
  from: Point,
  direction: Float64Array,
  firstLength: number,
): Point | undefined {
  const slope = dot(direction, from.gradient);
  let low = 0;
  let high = Infinity;
  let length = firstLength;
  let best: Point | undefined;
  for (let trial = 0; trial < 60; trial++) {
    const x = Float64Array.from(from.x);
    addScaled(x, length, direction);
    const point = pointAt(evaluate, x);
    // Written so that NaN counts as too long a step.
    if (!(point.value <= from.value + 1e-4 * length * slope)) {
      high = length;
    } else if (dot(direction, point.gradient) < 0.9 * slope) {
      best = point;
      low = length;
    } else {
      return point;
    }
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return best;
}

function pointAt(evaluate: SmoothFunction, x: Float64Array): Point {
  const gradient = new Float64Array(x.length);
  return { x, gradient, value: evaluate(x, gradient) };
}

function minimum(point: Point, iterations: number, converged: boolean): Minimum {
  return { x: point.x, value: point.value, iterations, converged };
}

function dot(x: Float64Array, y: Float64Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!;
  return total;
}

function addScaled(target: Float64Array, scale: number, values: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += scale * values[i]!;
}

function subtract(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((value, i) => value - y[i]!);
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
