import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { mergeKmeans } from "../../pipeline/domains/merge-kmeans.ts";
import { mergeWard } from "../../pipeline/domains/merge-ward.ts";
import { pruneClusters } from "../../pipeline/domains/prune.ts";
import { scoreDocument } from "../../pipeline/domains/quality.ts";
import { Random } from "../../pipeline/math/random.ts";

const cluster = fc.record({
  point: fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 2 }),
  tokens: fc.integer({ min: 0, max: 1000 }),
});
const merge = fc.record({
  clusters: fc.array(cluster, { minLength: 1, maxLength: 25 }),
  domains: fc.integer({ min: 1, max: 12 }),
  maxDomainShare: fc.constantFrom(0.2, 0.4, 1),
  seed: fc.integer(),
});

await test("property: both merges partition the clusters, keep the cap, and repeat themselves", () => {
  fc.assert(
    fc.property(merge, ({ clusters, domains, maxDomainShare, seed }) => {
      const kept = {
        ids: clusters.map((_, i) => 2 * i),
        centroids: Float32Array.from(clusters.flatMap(({ point }) => [...point, 0, 0])),
        dimension: 2,
        tokens: clusters.map(({ tokens }) => tokens),
      };
      const limits = { domains, distance: null, minDomainShare: 0, maxDomainShare };
      for (const run of [() => mergeWard(kept, limits), () => mergeKmeans(kept, limits, new Random(seed))]) {
        const groups = run();
        assert.deepEqual(run(), groups);
        assert.deepEqual(
          groups.flat().sort((left, right) => left - right),
          kept.ids,
        );
        const tokensOf = (group: readonly number[]) =>
          group.reduce((total, id) => total + kept.tokens[id / 2]!, 0);
        const total = tokensOf(kept.ids);
        const sizes = groups.map(tokensOf);
        assert.deepEqual(
          [...sizes].sort((left, right) => right - left),
          sizes,
        );
        groups.forEach((group, i) => {
          assert.ok(group.length > 0);
          assert.ok(group.length === 1 || sizes[i]! <= maxDomainShare * total);
        });
      }
      assert.ok(mergeWard(kept, limits).length >= Math.min(domains, clusters.length));
    }),
  );
});

await test("property: a cluster is dropped exactly if it is empty or below a threshold in the report", () => {
  const mean = fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined });
  const rule = fc.oneof(
    fc.record({ score: fc.constantFrom("a", "b"), minMean: fc.integer({ min: 0, max: 10 }) }),
    fc.record({
      score: fc.constantFrom("a", "b"),
      dropLowestShare: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  );
  const rows = fc.array(fc.record({ documents: fc.integer({ min: 0, max: 3 }), a: mean, b: mean }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(rows, fc.array(rule, { maxLength: 3 }), (means, rules) => {
      // One cluster that no rule drops.
      const clusters = [...means, { documents: 1, a: 99, b: 99 }].map(({ documents, a, b }, i) => ({
        cluster: i,
        documents,
        tokens: 10 * documents,
        scores: { ...(a !== undefined && { a }), ...(b !== undefined && { b }) } as Record<string, number>,
      }));
      const { applied, droppedBy } = pruneClusters(clusters, rules);
      clusters.forEach(({ documents, scores }, i) => {
        const below = applied.some(({ score, minMean }) => scores[score]! < minMean);
        assert.equal(droppedBy[i] !== null, documents === 0 || below);
        assert.equal(droppedBy[i] === "empty", documents === 0);
      });
      for (const [i, { droppedClusters, dropLowestShare }] of applied.entries()) {
        if (dropLowestShare !== null) assert.ok(droppedClusters <= dropLowestShare * clusters.length + 1e-9);
        assert.equal(applied[i]!.score, rules[i]!.score);
      }
      const dropped = applied.reduce((total, { droppedDocuments }) => total + droppedDocuments, 0);
      const byCluster = clusters.filter((_, i) => droppedBy[i] !== null);
      assert.equal(
        dropped,
        byCluster.reduce((total, { documents }) => total + documents, 0),
      );
    }),
  );
});

await test("property: every text scores between 0 and 5", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 400 }),
    fc.string({
      unit: fc.constantFrom("a", " ", ".", "!", "#", "{", "$", "%", "\n", "-", "…", "A"),
      maxLength: 400,
    }),
  );
  fc.assert(
    fc.property(text, (some) => {
      const { quality, advertisement } = scoreDocument(some);
      assert.ok(quality >= 0 && quality <= 5, `quality ${quality}`);
      assert.ok(advertisement >= 0 && advertisement <= 5, `advertisement ${advertisement}`);
    }),
  );
});
