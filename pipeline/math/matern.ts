/** Matern's covariance with smoothness 5/2: twice differentiable, not smoother (Rasmussen & Williams 2006, (4.17)). */

const root5 = Math.sqrt(5);

/** k(r) of a squared distance r^2 in length scales; k(0) = 1. */
export function matern52(squaredDistance: number): number {
  const s = root5 * Math.sqrt(squaredDistance);
  return (1 + s + (s * s) / 3) * Math.exp(-s);
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
