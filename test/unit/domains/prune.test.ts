import assert from "node:assert/strict";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { pruneClusters, resolveRules, type ScoredCluster } from "../../../pipeline/domains/prune.ts";

/** Clusters of ten documents and a hundred tokens each; `undefined` is an empty one. */
function clustersOf(means: readonly (Record<string, number> | undefined)[]): ScoredCluster[] {
  return means.map((scores, cluster) => ({
    cluster,
    documents: scores === undefined ? 0 : 10,
    tokens: scores === undefined ? 0 : 100,
    scores: scores ?? {},
  }));
}

await test("a cluster below any minimum is dropped; the threshold itself is kept", () => {
  const clusters = clustersOf([
    { quality: 3, advertisement: 3 },
    { quality: 2.99, advertisement: 1 },
    { quality: 4, advertisement: 2.9 },
    undefined,
  ]);
  const { applied, droppedBy } = pruneClusters(clusters, [
    { score: "quality", minMean: 3 },
    { score: "advertisement", minMean: 3 },
  ]);
  assert.deepEqual(droppedBy, [null, "quality < 3", "advertisement < 3", "empty"]);
  assert.deepEqual(applied, [
    {
      score: "quality",
      minMean: 3,
      threshold: "given",
      dropLowestShare: null,
      droppedClusters: 1,
      droppedDocuments: 10,
      droppedTokens: 100,
    },
    {
      score: "advertisement",
      minMean: 3,
      threshold: "given",
      dropLowestShare: null,
      droppedClusters: 1,
      droppedDocuments: 10,
      droppedTokens: 100,
    },
  ]);
});

await test("dropLowestShare becomes the lowest mean that is kept", () => {
  // 10 non-empty clusters with means 0..9, in another order, and one empty one.
  const clusters = clustersOf([...[7, 2, 9, 0, 4, 1, 8, 3, 6, 5].map((quality) => ({ quality })), undefined]);
  const { applied, droppedBy } = pruneClusters(clusters, [{ score: "quality", dropLowestShare: 0.3 }]);
  assert.equal(applied[0]!.minMean, 3);
  assert.equal(applied[0]!.threshold, "quantile");
  assert.equal(applied[0]!.dropLowestShare, 0.3);
  assert.equal(applied[0]!.droppedClusters, 3);
  assert.deepEqual(
    droppedBy.flatMap((reason, cluster) => (reason === "quality < 3" ? [cluster] : [])),
    [1, 3, 5],
  );
});

await test("ties at the quantile stay, and so does the best cluster", () => {
  const tied = pruneClusters(clustersOf([{ q: 1 }, { q: 1 }, { q: 1 }, { q: 2 }]), [
    { score: "q", dropLowestShare: 0.5 },
  ]);
  assert.deepEqual(tied.droppedBy, [null, null, null, null]);
  const all = pruneClusters(clustersOf([{ q: 1 }, { q: 2 }]), [{ score: "q", dropLowestShare: 1 }]);
  assert.deepEqual(all.droppedBy, ["q < 2", null]);
});

await test("0.29 of 100 clusters are 29", () => {
  const clusters = clustersOf(Array.from({ length: 100 }, (_, q) => ({ q })));
  const { applied } = pruneClusters(clusters, [{ score: "q", dropLowestShare: 0.29 }]);
  assert.equal(applied[0]!.droppedClusters, 29);
});

await test("a cluster none of whose documents has the score is kept, and not in the quantile", () => {
  const clusters = clustersOf([{ q: Number.NaN }, {}, { q: 1 }, { q: 2 }]);
  assert.deepEqual(pruneClusters(clusters, [{ score: "q", dropLowestShare: 0.5 }]).droppedBy, [
    null,
    null,
    "q < 2",
    null,
  ]);
  const unscored = pruneClusters(clustersOf([{}, {}]), [{ score: "q", dropLowestShare: 0.5 }]);
  assert.deepEqual(unscored.droppedBy, [null, null]);
});

await test("pruning everything is an error that says what each rule took", () => {
  const clusters = clustersOf([{ quality: 1 }, { quality: 2 }, undefined]);
  assert.throws(
    () => pruneClusters(clusters, [{ score: "quality", minMean: 3 }]),
    (error) =>
      error instanceof InputError &&
      error.message === "pruning leaves none of 3 clusters (1 empty; quality < 3: 2)" &&
      error.hint.includes("preset=none"),
  );
  assert.throws(() => pruneClusters(clustersOf([undefined]), []), /none of 1 clusters \(1 empty\)/);
});

await test("presets are the paper's and the recipe's numbers", () => {
  const scores = ["quality", "advertisement", "educational_value", "informational_value", "cultural_value"];
  const minMeans = (preset: "paper" | "nvidia-recipe") =>
    Object.fromEntries(
      resolveRules(preset, [], scores).map((rule) => [
        rule.score,
        "minMean" in rule ? rule.minMean : undefined,
      ]),
    );
  assert.deepEqual(minMeans("paper"), {
    quality: 3,
    educational_value: 3,
    informational_value: 3,
    advertisement: 3,
  });
  assert.deepEqual(minMeans("nvidia-recipe"), {
    advertisement: 2,
    cultural_value: 1,
    educational_value: 1,
    informational_value: 1,
    quality: 1,
  });
  const own = { score: "fineweb", minMean: 2.5 };
  assert.deepEqual(resolveRules("none", [own], ["fineweb"]), [own]);
  assert.deepEqual(
    resolveRules("heuristic", [own], ["quality", "advertisement", "fineweb"]).map((rule) => rule.score),
    ["quality", "advertisement", "fineweb"],
  );
});

await test("a score that does not exist is named, with those that do and the remedy", () => {
  assert.throws(
    () => resolveRules("paper", [], ["quality", "advertisement"]),
    (error) =>
      error instanceof InputError &&
      error.message ===
        "domains.prune.preset=paper needs the scores educational_value, informational_value; " +
          "available: quality, advertisement" &&
      error.hint.includes("corpus.sources[].scores"),
  );
  assert.throws(
    () => resolveRules("none", [{ score: "edu", minMean: 1 }], []),
    /domains\.prune\.rules needs the score edu; available: none/,
  );
});
