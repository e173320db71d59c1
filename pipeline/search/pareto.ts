import type { Trial } from "../schema/search.ts";

/** The trials that no other beats on one target without losing on another, in order of the first target's loss. */
export function paretoFront<T extends Pick<Trial, "losses">>(trials: readonly T[]): T[] {
  const lossesOf = (trial: T) => trial.losses.map(({ loss }) => loss);
  const all = trials.map(lossesOf);
  return trials
    .filter((_, i) => !all.some((other) => beats(other, all[i]!)))
    .sort((left, right) => left.losses[0]!.loss - right.losses[0]!.loss);
}

function beats(left: readonly number[], right: readonly number[]): boolean {
  return left.every((loss, i) => loss <= right[i]!) && left.some((loss, i) => loss < right[i]!);
}
