/**
 * What draws of a function say elsewhere, once it has been measured somewhere: the ensemble square root filter (Whitaker &
 * Hamill 2002). The draws' covariance becomes exactly that of Gaussian conditioning, and nothing random enters.
 *
 * @param here each draw less the draws' mean, at the point asked about; changed in place
 * @param measured the same, in the same order of draws, at the point that was measured
 * @param noiseVariance of that measurement
 */
export function conditionDraws(here: Float64Array, measured: Float64Array, noiseVariance: number): void {
  const variance = covariance(measured, measured);
  const total = variance + noiseVariance;
  if (!(total > 0)) return;
  const gain = covariance(here, measured) / total / (1 + Math.sqrt(noiseVariance / total));
  for (let draw = 0; draw < here.length; draw++) here[draw]! -= gain * measured[draw]!;
}

/** Of draws whose mean is 0. */
function covariance(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let draw = 0; draw < left.length; draw++) sum += left[draw]! * right[draw]!;
  return sum / (left.length - 1);
}
