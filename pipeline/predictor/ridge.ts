/**
 * Ridge regression on the weights, their roots and their logs: the linear baseline that every other predictor should
 * beat. The penalty is the one with the lowest cross-validated error.
 */
import { dotAt, factorise, solveFactorised } from "../math/cholesky.ts";
import { mean, populationDeviation } from "../math/stats.ts";
import { bootstrapped, type Refittable } from "./bootstrap.ts";
import { logarithm, squareRoot, type WeightTransform } from "./features.ts";
import { groupedFolds } from "./folds.ts";
import type { FitInput, FitPredictor, Predictor } from "./predictor.ts";
import { onStandardisedTargets } from "./standardise.ts";

const transforms: readonly WeightTransform[] = [(weight) => weight, squareRoot, logarithm];

export interface RidgeOptions {
  /** To choose from; per row, on features of deviation 1. Ascending. */
  readonly penalties: readonly number[];
  readonly folds: number;
}

const defaults: RidgeOptions = {
  // 10^-6, 10^-5.5, ... 10
  penalties: Array.from({ length: 15 }, (_, step) => 10 ** (step / 2 - 6)),
  folds: 10,
};

export function ridge(options: Partial<RidgeOptions> = {}): FitPredictor {
  return onStandardisedTargets(bootstrapped((input) => fitRidge(input, { ...defaults, ...options })));
}

function fitRidge(input: FitInput, { penalties, folds }: RidgeOptions): Refittable {
  const { weights, rows, domains, targets, random } = input;
  const features = designColumns(weights, rows, domains);
  const design = features.map(weights);
  const all = normalEquations(design, targets, allRows(rows));
  const parts = groupedFolds(weights, rows, domains, folds, random);
  const penalty =
    parts.length < 2 ? penalties.at(-1)! : choosePenalty(design, targets, all, parts, penalties);
  return {
    predictor: ridgePredictor(features, solveRidge(all, penalty)),
    refit: (other) => {
      const equations = normalEquations(features.map(other.weights), other.targets, allRows(other.rows));
      return ridgePredictor(features, solveRidge(equations, penalty));
    },
  };
}

function ridgePredictor(features: Design, coefficients: Float64Array): Predictor {
  const predictAll = (mixtures: ArrayLike<number>): Float64Array =>
    predictLinear(features.map(mixtures), coefficients);
  return { name: "ridge", predict: (mixture) => predictAll(mixture)[0]!, predictAll };
}

function allRows(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

/** The penalty with the lowest squared error on the folds left out; of equals, the largest. */
function choosePenalty(
  design: Float64Array,
  targets: Float64Array,
  all: NormalEquations,
  parts: readonly Uint32Array[],
  penalties: readonly number[],
): number {
  const { size } = all;
  const errors = penalties.map(() => 0);
  for (const fold of parts) {
    const rest = subtract(all, normalEquations(design, targets, fold));
    for (const [index, penalty] of penalties.entries()) {
      const coefficients = solveRidge(rest, penalty);
      for (const row of fold) {
        errors[index]! += (targets[row]! - dotAt(design, row * size, coefficients, 0, size)) ** 2;
      }
    }
  }
  return penalties[errors.lastIndexOf(Math.min(...errors))]!;
}

interface Design {
  /** rows * domains weights as rows of columns. */
  readonly map: (mixtures: ArrayLike<number>) => Float64Array;
}

/** A 1 for the intercept, then each transform of each weight less its mean, over its deviation. */
function designColumns(weights: Float64Array, rows: number, domains: number): Design {
  const columns = transforms.flatMap((transform) =>
    Array.from({ length: domains }, (_, domain) => {
      const values = Float64Array.from({ length: rows }, (_, row) =>
        transform(weights[row * domains + domain]!),
      );
      const deviation = populationDeviation(values);
      // A weight that never varied has no effect that could be known.
      return { domain, transform, centre: mean(values), scale: deviation > 1e-9 ? 1 / deviation : 0 };
    }),
  );
  return {
    map: (mixtures: ArrayLike<number>): Float64Array => {
      const size = columns.length + 1;
      const design = new Float64Array((mixtures.length / domains) * size);
      for (let row = 0; row < mixtures.length / domains; row++) {
        design[row * size] = 1;
        for (const [column, { domain, transform, centre, scale }] of columns.entries()) {
          design[row * size + 1 + column] = (transform(mixtures[row * domains + domain]!) - centre) * scale;
        }
      }
      return design;
    },
  };
}

/** Sums over rows: products of all pairs of columns (lower triangle), and of each column with the target. */
interface NormalEquations {
  readonly size: number;
  readonly rows: number;
  readonly products: Float64Array;
  readonly moments: Float64Array;
}

function normalEquations(design: Float64Array, targets: Float64Array, rows: Uint32Array): NormalEquations {
  const size = design.length / targets.length;
  const products = new Float64Array(size * size);
  const moments = new Float64Array(size);
  for (const row of rows) {
    const offset = row * size;
    for (let i = 0; i < size; i++) {
      const value = design[offset + i]!;
      moments[i]! += value * targets[row]!;
      for (let j = 0; j <= i; j++) products[i * size + j]! += value * design[offset + j]!;
    }
  }
  return { size, rows: rows.length, products, moments };
}

function subtract(all: NormalEquations, part: NormalEquations): NormalEquations {
  return {
    size: all.size,
    rows: all.rows - part.rows,
    products: all.products.map((value, i) => value - part.products[i]!),
    moments: all.moments.map((value, i) => value - part.moments[i]!),
  };
}

/** Coefficients of the columns; all but the intercept are penalised. */
function solveRidge({ size, rows, products, moments }: NormalEquations, penalty: number): Float64Array {
  const matrix = products.slice();
  for (let i = 1; i < size; i++) matrix[i * size + i]! += rows * penalty;
  if (!factorise(matrix, size)) throw new RangeError(`penalty=${penalty} should keep the matrix definite`);
  return solveFactorised(matrix, size, moments.slice());
}

function predictLinear(design: Float64Array, coefficients: Float64Array): Float64Array {
  const size = coefficients.length;
  return Float64Array.from({ length: design.length / size }, (_, row) =>
    dotAt(design, row * size, coefficients, 0, size),
  );
}
