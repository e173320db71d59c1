/** Clipping and AdamW (Loshchilov and Hutter 2019), as PyTorch computes them. */

export interface OptimizerShape {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Largest norm of the whole gradient. */
  readonly clipNorm: number;
}

/** Parameters and both of AdamW's moments. */
export const stateParts = ["theta", "m", "v"] as const;

/** What training carries from step to step: flat vectors in the order of `parametersOf`. */
export type TrainingState = Readonly<Record<(typeof stateParts)[number], Float32Array>>;

/** A state with its gradient in memory, and what a step does to them. */
export interface AdamW {
  readonly state: TrainingState;
  readonly gradient: Float32Array;
  /** Euclidean norm of the gradient, summed in float64. */
  gradientNorm(): number;
  /** Moves the state in place along the gradient. Weight decay spares nothing: there are only matrices. */
  update(rates: Rates): void;
}

/** The scalars of an update, worked out once for all parameters. */
export interface Rates {
  readonly beta1: number;
  readonly beta2: number;
  /** What a value of the gradient and its square count for in the moments: clipped, times 1 - beta. */
  readonly gradientShare: number;
  readonly squareShare: number;
  /** Added to the root of the second moment as it is kept, which is not yet corrected for its start from 0. */
  readonly epsilon: number;
  readonly stepSize: number;
  /** What weight decay leaves of a parameter. */
  readonly kept: number;
}

/**
 * lr (m / c1) / (sqrt(v / c2) + e) = m (lr sqrt(c2) / c1) / (sqrt(v) + e sqrt(c2)), where c = 1 - beta^step.
 *
 * @param step from 1
 */
export function ratesAt(
  { beta1, beta2, epsilon, weightDecay, clipNorm }: OptimizerShape,
  { step, learningRate, gradientNorm }: { step: number; learningRate: number; gradientNorm: number },
): Rates {
  const clip = Math.min(1, clipNorm / (gradientNorm + 1e-6));
  const root2 = Math.sqrt(1 - beta2 ** step);
  return {
    beta1,
    beta2,
    gradientShare: clip * (1 - beta1),
    squareShare: clip * clip * (1 - beta2),
    epsilon: epsilon * root2,
    stepSize: (learningRate * root2) / (1 - beta1 ** step),
    kept: 1 - learningRate * weightDecay,
  };
}

/** In plain JavaScript, rounded to float32 after every operation. */
export class PlainAdamW implements AdamW {
  readonly state: TrainingState;
  readonly gradient: Float32Array;

  constructor(parameters: number) {
    const vector = () => new Float32Array(parameters);
    this.state = { theta: vector(), m: vector(), v: vector() };
    this.gradient = vector();
  }

  gradientNorm(): number {
    // Four sums, as the quick version has them.
    const sums = [0, 0, 0, 0];
    for (const [index, value] of this.gradient.entries()) sums[index % 4]! += value * value;
    return Math.sqrt(sums[0]! + sums[2]! + (sums[1]! + sums[3]!));
  }

  update(rates: Rates): void {
    const { theta, m, v } = this.state;
    const round = Math.fround;
    const [beta1, gradientShare] = [round(rates.beta1), round(rates.gradientShare)];
    const [beta2, squareShare] = [round(rates.beta2), round(rates.squareShare)];
    const [epsilon, stepSize, kept] = [round(rates.epsilon), round(rates.stepSize), round(rates.kept)];
    for (const [at, g] of this.gradient.entries()) {
      const first = round(round(m[at]! * beta1) + round(g * gradientShare));
      const second = round(round(v[at]! * beta2) + round(round(g * g) * squareShare));
      const direction = round(first / round(round(Math.sqrt(second)) + epsilon));
      m[at] = first;
      v[at] = second;
      theta[at] = round(theta[at]! * kept) - round(direction * stepSize);
    }
  }
}
