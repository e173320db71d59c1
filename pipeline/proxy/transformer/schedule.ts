/** The learning rate over a run of known length; it always ends at the run's end, so runs of any budget compare. */
export interface Schedule {
  /** wsd: warm-up, stable, linear decay to zero (Hu et al. 2024, arXiv 2404.06395). cosine: to zero from the warm-up on. */
  readonly kind: "wsd" | "cosine";
  readonly peakLearningRate: number;
  /** Share of the steps over which the rate rises from zero. */
  readonly warmupShare: number;
  /** Share of the steps over which wsd decays. */
  readonly decayShare: number;
}

/**
 * @param step 0 .. steps - 1
 * @returns above 0 at every step; 0 would be reached one step after the last
 */
export function learningRateAt(schedule: Schedule, step: number, steps: number): number {
  const { kind, peakLearningRate, warmupShare, decayShare } = schedule;
  const warmupSteps = Math.ceil(warmupShare * steps);
  if (step < warmupSteps) return (peakLearningRate * (step + 1)) / warmupSteps;
  if (kind === "cosine") {
    const done = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
    return (peakLearningRate * (1 + Math.cos(Math.PI * done))) / 2;
  }
  const decaySteps = Math.ceil(decayShare * steps);
  return peakLearningRate * Math.min(1, (steps - step) / Math.max(1, decaySteps));
}
