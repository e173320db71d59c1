import { InputError } from "../core/errors.ts";
import type { DomainsConfig, PruneRule } from "../schema/domains-config.ts";

export type PrunePreset = DomainsConfig["prune"]["preset"];

/**
 * The rules of each preset. paper: section 3.1, fastText scores of 0..5, cluster means of at least 3.0. nvidia-recipe:
 * the thresholds of NeMo Curator's `3_prune.py`. heuristic: ours, for the two scores every run has; the heuristics have
 * no scale anyone agreed on, so the worst tenth goes instead.
 */
const presets: Readonly<Record<PrunePreset, readonly PruneRule[]>> = {
  heuristic: [
    { score: "quality", dropLowestShare: 0.05 },
    { score: "advertisement", dropLowestShare: 0.05 },
  ],
  paper: ["quality", "educational_value", "informational_value", "advertisement"].map((score) => ({
    score,
    minMean: 3,
  })),
  "nvidia-recipe": [
    { score: "advertisement", minMean: 2 },
    ...["cultural_value", "educational_value", "informational_value", "quality"].map((score) => ({
      score,
      minMean: 1,
    })),
  ],
  none: [],
};

/**
 * The preset's rules, then the config's own.
 *
 * @param availableScores Heuristics, carried columns and classifiers. A column or classifier named quality or
 *   advertisement stands in for the heuristic of that name, which is what the classifier presets are for.
 * @throws InputError if a rule asks for a score that does not exist.
 */
export function resolveRules(
  preset: PrunePreset,
  rules: readonly PruneRule[],
  availableScores: readonly string[],
): PruneRule[] {
  const resolved = [...presets[preset], ...rules];
  const missing = [...new Set(resolved.map((rule) => rule.score))].filter(
    (score) => !availableScores.includes(score),
  );
  if (missing.length > 0) {
    const asker = presets[preset].some((rule) => missing.includes(rule.score))
      ? `domains.prune.preset=${preset}`
      : "domains.prune.rules";
    throw new InputError(
      `${asker} needs the score${missing.length === 1 ? "" : "s"} ${missing.join(", ")}; ` +
        `available: ${availableScores.join(", ") || "none"}`,
      "name the column in corpus.sources[].scores, or the model in domains.quality.classifiers, or use domains.prune.preset=heuristic or none",
    );
  }
  return resolved;
}
