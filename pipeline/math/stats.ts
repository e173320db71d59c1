/** Summary statistics and the measures of how well predictions order and match what was measured. */

export function mean(values: ArrayLike<number>): number {
  requireSome(values);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total / values.length;
}

/** Square root of the mean squared distance from the mean (divides by n, not n - 1). */
export function populationDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2;
  return Math.sqrt(squares / values.length);
}

/** Linear interpolation between order statistics (numpy's default). `share` in [0, 1]. */
export function quantile(values: ArrayLike<number>, share: number): number {
  requireSome(values);
  if (!(share >= 0 && share <= 1)) throw new RangeError(`share=${share} should be from 0 to 1`);
  const sorted = Float64Array.from(values).sort();
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

/** Linear correlation; 0 where either side is constant, since a constant orders nothing. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  requireSameLength(x, y);
  const meanX = mean(x);
  const meanY = mean(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const scale = Math.sqrt(xx) * Math.sqrt(yy);
  return withinOne(xy, scale);
}

/** Rank correlation, ties sharing their average rank; 0 where either side is constant. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  requireSameLength(x, y);
  return pearson(averageRanks(x), averageRanks(y));
}

/** Kendall's tau-b in O(n^2); 0 where either side is constant. */
export function kendall(x: ArrayLike<number>, y: ArrayLike<number>): number {
  requireSameLength(x, y);
  let balance = 0;
  let distinctX = 0;
  let distinctY = 0;
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      const signX = Math.sign(x[i]! - x[j]!);
      const signY = Math.sign(y[i]! - y[j]!);
      balance += signX * signY;
      if (signX !== 0) distinctX++;
      if (signY !== 0) distinctY++;
    }
  }
  const scale = Math.sqrt(distinctX) * Math.sqrt(distinctY);
  return withinOne(balance, scale);
}

/** Share of the variance of `measured` that is explained; below 0 where its mean would do better. */
export function r2(measured: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const residual = rmse(measured, predicted) ** 2;
  const variance = populationDeviation(measured) ** 2;
  if (variance === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / variance;
}

export function rmse(measured: ArrayLike<number>, predicted: ArrayLike<number>): number {
  requireSameLength(measured, predicted);
  requireSome(measured);
  let squares = 0;
  for (let i = 0; i < measured.length; i++) squares += (measured[i]! - predicted[i]!) ** 2;
  return Math.sqrt(squares / measured.length);
}

/** Ranks from 1; equal values get the mean of the ranks they span. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  order.sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/** Rounding must not make a correlation of more than 1. */
function withinOne(sum: number, scale: number): number {
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, sum / scale));
}

function requireSome(values: ArrayLike<number>): void {
  if (values.length === 0) throw new RangeError("values.length=0 should be >= 1");
}

function requireSameLength(x: ArrayLike<number>, y: ArrayLike<number>): void {
  if (x.length !== y.length) throw new RangeError(`x.length=${x.length} should equal y.length=${y.length}`);
}
