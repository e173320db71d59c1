/** The objective of measured losses, by name of target. */
import { objectiveOf } from "../math/objective.ts";
import type { TargetLoss, Trial } from "../schema/search.ts";

export type WeightedTargets = readonly { readonly name: string; readonly weight: number }[];

/** @param natural the natural mixture's losses, where the worst target's difference to them counts and not the mean */
export function scoreLosses(
  losses: readonly TargetLoss[],
  targets: WeightedTargets,
  natural?: readonly TargetLoss[],
): number {
  const weights = losses.map(({ target }) => targets.find(({ name }) => name === target)?.weight ?? 0);
  const valuesOf = (of: readonly TargetLoss[]) =>
    losses.map(({ target }) => of.find((loss) => loss.target === target)!.loss);
  return objectiveOf({ weights, ...(natural && { reference: valuesOf(natural) }) }, valuesOf(losses));
}

/** Trials by the objective of this search; the ledger, which several share, holds the weighted mean. */
export function scoreTrials<T extends Pick<Trial, "losses" | "objective">>(
  trials: readonly T[],
  targets: WeightedTargets,
  natural?: readonly TargetLoss[],
): T[] {
  return trials.map((trial) => ({
    ...trial,
    objective: scoreLosses(trial.losses, targets, natural),
  }));
}

/** The first of those that have the lowest objective. @throws TypeError for none */
export function lowest<T extends Pick<Trial, "objective">>(trials: readonly T[]): T {
  return trials.reduce((least, trial) => (trial.objective < least.objective ? trial : least));
}

/** The same losses in bits per byte, also of targets that count by their error rate. */
export function inBitsPerByte(losses: readonly TargetLoss[]): TargetLoss[] {
  return losses.map(({ target, loss, bitsPerByte = loss }) => ({ target, loss: bitsPerByte }));
}
