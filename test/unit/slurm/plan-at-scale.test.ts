import assert from "node:assert/strict";
import test from "node:test";
import { loadConfig } from "../../../pipeline/core/load-config.ts";
import type { Timing } from "../../../stages/commands/cost.ts";
import { clusterDistances } from "../../../stages/commands/cost.ts";
import { planAtScale } from "../../../stages/commands/plan.ts";
import { searchCost } from "../../../stages/commands/search-cost.ts";

const config = await loadConfig("configs/quickstart.yaml");

function timing(stage: string, of: Partial<Timing>): Timing {
  return {
    host: "here",
    cores: 2,
    workers: 2,
    stage,
    label: "",
    amount: 1,
    unit: "file set",
    seconds: 0,
    shardSeconds: 0,
    bytes: 0,
    ...of,
  };
}

function near(actual: number, expected: number): void {
  assert(Math.abs(actual - expected) < 1e-9 * expected, `${actual} is not ${expected}`);
}

await test("worked by hand: a thousand times the documents, ten shards at once", () => {
  const measured = 1000;
  const plan = planAtScale(
    config,
    [
      // 36 s with two workers, of them 30 s in shards: 60 core-seconds and 6 s alone for 1,000 documents.
      timing("embed", {
        label: "corpus",
        unit: "documents",
        amount: measured,
        seconds: 36,
        shardSeconds: 30,
        bytes: 500,
      }),
      timing("embed", {
        label: "targets",
        unit: "documents",
        amount: 50,
        seconds: 4,
        shardSeconds: 4,
        bytes: 20,
      }),
      timing("search", {
        unit: searchCost(config).unit,
        amount: searchCost(config).amount / 3,
        seconds: 12,
        shardSeconds: 12,
      }),
    ],
    1_000_000,
    10,
  );
  assert.equal(plan.measuredDocuments, measured);
  const [corpus, targets, search] = plan.stages;
  near(corpus!.shardCoreHours, (60 * 1000) / 3600);
  near(corpus!.coordinatorHours, (6 * 1000) / 3600);
  near(corpus!.wallHours, (6 * 1000 + 6 * 1000) / 3600);
  assert.equal(corpus!.diskBytes, 500_000);
  // The targets stay as they are; the search goes by its own budget, three times the measured one here.
  near(targets!.shardCoreHours, 8 / 3600);
  near(search!.shardCoreHours, (24 * 3) / 3600);
  assert.equal(plan.limitedBy, "embed corpus");
  assert.equal(plan.scalesTo, Math.floor((60_000 + 8 + 72) / 6000));
});

await test("k-means goes by its distances: linear without a sample, by the full passes with one", () => {
  const all = { ...config.cluster, samplePointsPerCluster: "all" as const };
  assert.equal(clusterDistances(2000, all) / clusterDistances(1000, all), 2);
  const { clusters, fullIterations, maxIterations } = config.cluster;
  const sampled = { ...config.cluster, samplePointsPerCluster: 10 };
  const rows = clusters * 1000;
  assert.equal(
    clusterDistances(rows, sampled),
    (10 * clusters * maxIterations + rows * (fullIterations + 1)) * clusters,
  );
});

await test("hours on the GPUs that the config gives a stage's shards", () => {
  const timings = [
    timing("embed", { label: "corpus", unit: "documents", amount: 10, seconds: 1, shardSeconds: 1 }),
    timing("search", {
      ...searchCost(config),
      seconds: 3600,
      shardSeconds: 3600,
    }),
  ];
  const hours = (gres: string) =>
    planAtScale({ ...config, slurm: { ...config.slurm, stages: { search: { gres } } } }, timings, 10, 1)
      .gpuHours;
  assert.deepEqual([hours("gpu"), hours("gpu:4"), hours("gpu:a100:8"), hours("license:2")], [2, 8, 16, 0]);
});

await test("nothing is planned from nothing", () => {
  assert.throws(() => planAtScale(config, [], 1e9, 64), /no run was measured/);
});
