/** Measured mixtures made up from a known law. */
import { Random } from "../../../pipeline/math/random.ts";
import type { FitInput } from "../../../pipeline/predictor/predictor.ts";

/** rows * domains weights, uniform on the simplex. */
export function drawMixtures(rows: number, domains: number, random: Random): Float64Array {
  const weights = new Float64Array(rows * domains);
  for (let row = 0; row < rows; row++) {
    const draw = Array.from({ length: domains }, () => -Math.log(1 - random.uniform()));
    const total = draw.reduce((sum, value) => sum + value, 0);
    draw.forEach((value, domain) => (weights[row * domains + domain] = value / total));
  }
  return weights;
}

/** 2 + exp(0.3 - 3 w_0 - 1.5 w_1 + w_2): a loss in bits per byte that the first two domains lower. */
export function lawLoss(weights: ArrayLike<number>): number {
  return 2 + Math.exp(0.3 - 3 * weights[0]! - 1.5 * weights[1]! + weights[2]!);
}

export interface LawOptions {
  readonly rows: number;
  readonly domains?: number;
  readonly noise?: number;
  readonly name?: string;
}

export function measureLaw({ rows, domains = 6, noise = 0.005, name = "law" }: LawOptions): FitInput {
  const random = new Random(name);
  const weights = drawMixtures(rows, domains, random);
  const targets = new Float64Array(rows).map(
    (_, row) => lawLoss(weights.subarray(row * domains, (row + 1) * domains)) + noise * random.normal(),
  );
  return { weights, rows, domains, targets, random: random.fork("fit") };
}
