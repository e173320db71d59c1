/** What a Gaussian process's kernel needs of the rows and that does not change with its settings. */
import { dotAt } from "../math/cholesky.ts";
import { quantile } from "../math/stats.ts";

export interface FeatureRows {
  /** Standardised features, rows * domains, row-major. */
  readonly x: Float64Array;
  readonly rows: number;
  readonly domains: number;
}

/** domains * pairs: (x_ij - x_kj)^2 of every pair i > k, in the order (1, 0), (2, 0), (2, 1), ... */
export function pairDifferences({ x, rows, domains }: FeatureRows): Float64Array {
  const pairs = (rows * (rows - 1)) / 2;
  const differences = new Float64Array(domains * pairs);
  for (let domain = 0; domain < domains; domain++) {
    for (let i = 0, pair = domain * pairs; i < rows; i++) {
      for (let j = 0; j < i; j++, pair++) {
        differences[pair] = (x[i * domains + domain]! - x[j * domains + domain]!) ** 2;
      }
    }
  }
  return differences;
}

/** rows * rows, lower triangle: <x_i, x_j> / domains. */
export function linearProducts({ x, rows, domains }: FeatureRows): Float64Array {
  const products = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      products[i * rows + j] = dotAt(x, i * domains, x, j * domains, domains) / domains;
    }
  }
  return products;
}

/** The log of the median distance between two rows: a length scale to start from. */
export function logMedianDistance({ x, rows, domains }: FeatureRows): number {
  const distances: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      let squares = 0;
      for (let domain = 0; domain < domains; domain++) {
        squares += (x[i * domains + domain]! - x[j * domains + domain]!) ** 2;
      }
      distances.push(Math.sqrt(squares));
    }
  }
  // One row, or all rows alike: any scale will do.
  return Math.log((distances.length > 0 && quantile(distances, 0.5)) || 1);
}
