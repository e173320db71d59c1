import { InputError } from "../core/errors.ts";
import type { PruneRule } from "../schema/domains-config.ts";
import type { AppliedRule, ClusterRow } from "../schema/domain.ts";

export { resolveRules } from "./prune-rules.ts";

export type ScoredCluster = Pick<ClusterRow, "cluster" | "documents" | "tokens" | "scores">;

export interface PruneResult {
  /** The rules in their order, each with its threshold as a number and what it dropped. */
  applied: AppliedRule[];
  /** Per cluster, in the order given: null if kept, "empty", or the first rule that drops it, "quality < 2.91". */
  droppedBy: (string | null)[];
}

/**
 * Drops every cluster whose mean is below the threshold of any rule (paper, section 3.1; "fail any" as in the recipe).
 *
 * dropLowestShare takes floor(share * n) of the n clusters that have the score, those of the lowest mean; its threshold
 * is the lowest mean kept, so clusters that tie with it stay, and the best cluster always does. Each quantile is of all
 * non-empty clusters, so the order of the rules only decides which one a cluster is counted under.
 *
 * A cluster without a mean (none of its documents carries the score) is kept by that rule: nothing is known against it.
 *
 * @throws InputError if nothing is left.
 */
export function pruneClusters(clusters: readonly ScoredCluster[], rules: readonly PruneRule[]): PruneResult {
  const droppedBy: (string | null)[] = clusters.map(({ documents }) => (documents === 0 ? "empty" : null));
  const filled = clusters.filter(({ documents }) => documents > 0);
  const applied = rules.map((rule): AppliedRule => {
    const { score } = rule;
    const minMean =
      "minMean" in rule ? rule.minMean : lowestKept(meansOf(filled, score), rule.dropLowestShare);
    const report: AppliedRule = {
      score,
      minMean,
      threshold: "minMean" in rule ? "given" : "quantile",
      dropLowestShare: "minMean" in rule ? null : rule.dropLowestShare,
      droppedClusters: 0,
      droppedDocuments: 0,
      droppedTokens: 0,
    };
    clusters.forEach(({ scores, documents, tokens }, i) => {
      // A missing or NaN mean is not below anything.
      if (droppedBy[i] !== null || !(scores[score]! < minMean)) return;
      droppedBy[i] = `${score} < ${Number(minMean.toPrecision(4))}`;
      report.droppedClusters++;
      report.droppedDocuments += documents;
      report.droppedTokens += tokens;
    });
    return report;
  });
  if (!droppedBy.includes(null)) throw nothingLeft(clusters.length, filled.length, applied);
  return { applied, droppedBy };
}

function meansOf(clusters: readonly ScoredCluster[], score: string): number[] {
  return clusters.map(({ scores }) => scores[score] ?? Number.NaN).filter((mean) => !Number.isNaN(mean));
}

/** 0 if no cluster has the score: nothing is below it then. */
function lowestKept(means: readonly number[], dropLowestShare: number): number {
  if (means.length === 0) return 0;
  const ascending = [...means].sort((left, right) => left - right);
  // The epsilon is for shares such as 0.29, whose product with 100 is a hair under 29.
  const dropped = Math.floor(dropLowestShare * means.length + 1e-9);
  return ascending[Math.min(dropped, means.length - 1)]!;
}

function nothingLeft(clusters: number, filled: number, applied: readonly AppliedRule[]): InputError {
  const counts = applied.map(
    ({ score, minMean, droppedClusters }) =>
      `${score} < ${Number(minMean.toPrecision(4))}: ${droppedClusters}`,
  );
  return new InputError(
    `pruning leaves none of ${clusters} clusters (${clusters - filled} empty` +
      `${counts.length === 0 ? "" : `; ${counts.join("; ")}`})`,
    filled === 0
      ? "check corpus.sources and what the holdout removed"
      : "lower minMean or dropLowestShare in domains.prune.rules, or set domains.prune.preset=none",
  );
}
