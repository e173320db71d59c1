/** Phases of a mixture in the steps of a trainer. */
import { ConfigError } from "../core/errors.ts";
import type { ExportOptions, PhaseMixture } from "./exporter.ts";

/** Tokens of one training step. ConfigError if export.batchTokens does not say. */
export function tokensOfStep({ batchTokens }: Pick<ExportOptions, "batchTokens">): number {
  if (batchTokens !== null) return batchTokens;
  throw new ConfigError(
    "phases begin at a step, and export.batchTokens does not say how many tokens a step takes",
    "give --batch-tokens: sequences of all devices in one step, times their length",
  );
}

/**
 * Steps before each phase: the nearest multiples of `stepsBetween`.
 *
 * @param targetTokens of the whole run
 * @throws ConfigError if a phase would have no step
 */
export function startSteps(
  phases: readonly Pick<PhaseMixture, "name" | "fromShare">[],
  targetTokens: number,
  batchTokens: number,
  stepsBetween: number,
): number[] {
  const steps = targetTokens / batchTokens;
  const starts = phases.map(({ fromShare }) => Math.round((fromShare * steps) / stepsBetween) * stepsBetween);
  for (const [i, { name }] of phases.entries()) {
    if (starts[i]! < (starts[i + 1] ?? steps)) continue;
    throw new ConfigError(
      `the phase ${JSON.stringify(name)} would have no step: the run has ${Math.ceil(steps)} of ${batchTokens} tokens, ` +
        `and a phase begins after a multiple of ${stepsBetween}`,
      "export one phase at a time with --phase, or for a trainer with shorter steps",
    );
  }
  return starts;
}
