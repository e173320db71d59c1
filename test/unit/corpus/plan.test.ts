import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { documentId } from "../../../pipeline/corpus/bucket-row.ts";
import { documentColumns } from "../../../pipeline/corpus/document-columns.ts";
import { bucketCount, bucketOf, planReadShards } from "../../../pipeline/corpus/plan.ts";

const sized = (...bytes: number[]) => bytes.map((size) => ({ bytes: size }));

await test("files fill shards in order and are never split", () => {
  assert.deepEqual(planReadShards(sized(4, 5, 2, 30, 1, 1), 10), [
    sized(4, 5),
    sized(2),
    sized(30),
    sized(1, 1),
  ]);
  assert.deepEqual(planReadShards([], 10), []);
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 40 }), (sizes, shardBytes) => {
      const shards = planReadShards(sized(...sizes), shardBytes);
      assert.deepEqual(shards.flat(), sized(...sizes));
      for (const shard of shards) {
        const total = shard.reduce((sum, { bytes }) => sum + bytes, 0);
        assert.ok(shard.length === 1 || (shard.length > 0 && total <= shardBytes));
      }
    }),
  );
});

await test("an id is half of the text's sha256, and its leading bits choose the bucket", () => {
  // printf 'abc' | sha256sum
  assert.equal(documentId("abc"), "ba7816bf8f01cfea414140de5dae2223");
  // printf 'é' | sha256sum: the hash is of the UTF-8 bytes
  assert.equal(documentId("é"), "4a99557e4033c3539de2eb65472017ca");
  assert.deepEqual(
    ["00000000", "3fffffff", "40000000", "ffffffff"].map((id) => bucketOf(id, 4)),
    [0, 0, 1, 3],
  );
  assert.equal(bucketOf("ffffffff", 1000), 999);
});

await test("one bucket for every 64 MiB, at least one", () => {
  assert.deepEqual(
    [0, 1, 100, 101, 1000].map((bytes) => bucketCount(bytes, 100)),
    [1, 1, 1, 2, 10],
  );
});

await test("score columns come after the fixed ones and may not take their names", () => {
  assert.deepEqual(Object.entries(documentColumns(["score"])).at(-1), ["score", "DOUBLE"]);
  assert.throws(() => documentColumns(["URL"]), /score column 'URL' has the name of another/);
  assert.throws(() => documentColumns(["score", "Score"]), /'Score'/);
});
