/**
 * Stage 4, where the domains are given: every document is in the cluster its label says.
 *
 *   in    the corpus with its labels; which rows may train
 *   out   assignments.npy   int32, one a corpus row: index of its label, one more for no label; -1 for rows that may not train
 *         distances.npy     float32, 0: no document is nearer to its label than another; NaN for rows that may not train
 */
import { join } from "node:path";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { readNpy, writeNpy } from "../pipeline/core/npy.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { tableOfLabels } from "../pipeline/domains/label-ids.ts";
import { ClusterResult } from "./cluster.ts";
import { clusterSizes } from "./parts/cluster-sizes.ts";
import { readColumn } from "./parts/corpus-columns.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { IngestResult } from "./ingest.ts";
import { runAsScript } from "./parts/shard-main.ts";

interface LabelsStageConfig {
  /** Column of the documents table. */
  readonly column: "label" | "source";
}

interface LabelsInputs {
  corpus: Artifact<IngestResult>;
  holdout: Artifact<HoldoutResult>;
  [role: string]: Artifact;
}

export const labels: Stage<LabelsStageConfig, LabelsInputs, ClusterResult> = {
  name: "labels",
  version: 1,
  entry: import.meta.filename,
  result: ClusterResult,
  recorded: (config) => config,
  steps: {},

  async run({ column }, { corpus, holdout }, { outDir, progress }) {
    const training = (await readNpy(holdout.path("training.npy"))).data as Uint8Array;
    const values = (await readColumn(corpus, column)) as (string | null)[];
    const { labels: names, rowLabel } = tableOfLabels(values, column);
    const assignments = rowLabel.map((label, row) => (training[row] === 1 ? label : -1));
    const distances = Float32Array.from(training, (kept) => (kept === 1 ? 0 : Number.NaN));
    const sizes = clusterSizes(assignments, names.length + 1);
    const unlabelled = sizes.at(-1)!;
    if (unlabelled === 0) sizes.pop();
    else {
      const text = `${unlabelled} documents have no ${column}: they are in no domain`;
      progress({ event: "note", stage: "labels", text });
    }
    await writeNpy(join(outDir, "assignments.npy"), assignments, [assignments.length]);
    await writeNpy(join(outDir, "distances.npy"), distances, [distances.length]);
    return {
      clusters: sizes.length,
      dimension: 0,
      rows: assignments.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0),
      inertia: 0,
      converged: true,
      iterations: [],
      sizes,
      labels: names,
    };
  },
};

runAsScript(labels);
