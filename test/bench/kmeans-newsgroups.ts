/**
 * Real text: 20 Newsgroups through the default embedder, clustered from ten seeds by ours and by
 * scikit-learn, each with its own k-means++; the labels' normalised mutual information says how well.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { kmeans } from "../../pipeline/cluster/kmeans.ts";
import { writeNpy } from "../../pipeline/core/npy.ts";
import { createEmbedder } from "../../pipeline/embed/create-embedder.ts";
import { Random } from "../../pipeline/math/random.ts";
import { mean, populationDeviation } from "../../pipeline/math/stats.ts";
import { EmbedConfig } from "../../pipeline/schema/embed-config.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import type { BenchRow } from "./bench-row.ts";
import { python, threads } from "./kmeans-peers.ts";

const seeds = 10;
const clusters = 20;

const program = `
import json, sys, warnings
import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score as nmi
warnings.simplefilter("ignore")
_, directory, seeds = sys.argv[0], sys.argv[2], int(sys.argv[3])
x = np.load(directory + "/x.npy")
truth = np.load(directory + "/labels.npy")
ours = [nmi(truth, np.load(f"{directory}/ours-{s}.npy")) for s in range(seeds)]
theirs = [nmi(truth, KMeans(20, n_init=1, max_iter=100, tol=0, random_state=s).fit(x).labels_) for s in range(seeds)]
print(json.dumps({"ours": ours, "theirs": theirs}))
`;

/** No row, with a note why, where the data or scikit-learn is absent. */
export async function newsgroupsRow(): Promise<BenchRow[]> {
  const path = join(packageRoot, "..", "shared", "data", "labelled", "20news.jsonl.gz");
  if (!existsSync(path)) {
    process.stderr.write(`kmeans bench: newsgroups is not measured: ${path} is not there\n`);
    return [];
  }
  const posts = gunzipSync(await readFile(path))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { text: string; label: string });
  const embedder = await createEmbedder(EmbedConfig.parse({}));
  const rows = posts.length;
  const dim = embedder.dimension;
  const data = new Float32Array(rows * dim);
  for (let from = 0; from < rows; from += 256) {
    const texts = posts.slice(from, from + 256).map(({ text }) => text);
    data.set(await embedder.embed(texts), from * dim);
  }
  await embedder.close();
  const names = [...new Set(posts.map(({ label }) => label))].sort();
  const directory = await mkdtemp(join(tmpdir(), "climb-20news-"));
  try {
    await writeNpy(join(directory, "x.npy"), data, [rows, dim]);
    const labels = Int32Array.from(posts, ({ label }) => names.indexOf(label));
    await writeNpy(join(directory, "labels.npy"), labels, [rows]);
    for (let seed = 0; seed < seeds; seed++) {
      const { assignments } = await kmeans(
        { data, rows, dim },
        {
          clusters,
          maxIterations: 100,
          tolerance: 0,
          initPointsPerCluster: 20,
          seed: new Random(seed),
          workers: threads,
        },
      );
      await writeNpy(join(directory, `ours-${seed}.npy`), assignments, [rows]);
    }
    const output = await python(program, "newsgroups", directory, String(seeds));
    if (output === undefined) return [];
    const { ours, theirs } = z
      .object({ ours: z.array(z.number()), theirs: z.array(z.number()) })
      .parse(output);
    const deviation = populationDeviation(theirs);
    const name = `20 Newsgroups, ${rows} x ${dim}, K = ${clusters}, ${seeds} seeds`;
    return [
      {
        case: name,
        metric: "mean NMI",
        unit: "",
        ours: mean(ours),
        peer: mean(theirs),
        peerName: "scikit-learn",
        ratio: mean(ours) / mean(theirs),
        // Within one standard deviation of theirs.
        target: 1 - deviation / mean(theirs),
        met: mean(ours) >= mean(theirs) - deviation,
      },
      {
        case: name,
        metric: "standard deviation of NMI over seeds",
        unit: "",
        ours: populationDeviation(ours),
        peer: deviation,
        peerName: "scikit-learn",
        ratio: populationDeviation(ours) / deviation,
        target: null,
        met: null,
      },
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
