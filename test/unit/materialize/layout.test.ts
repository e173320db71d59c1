import assert from "node:assert/strict";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import type { Format } from "../../../pipeline/materialize/formats.ts";
import { groupShards, planShards } from "../../../pipeline/materialize/layout.ts";

const domains = [
  { id: "domain_0", tokens: 1000, documents: 100, textBytes: 4000 },
  { id: "domain_1", tokens: 0, documents: 0, textBytes: 0 },
  { id: "domain_2", tokens: 3000, documents: 100, textBytes: 12_000 },
];

function stems(format: Format, byDomain: boolean, shardBytes = 5000): string[] {
  return planShards(domains, format, { byDomain, shardBytes, bytesPerToken: 2 }).map(({ stem }) => stem);
}

await test("a mixture is cut by bytes: of tokens with their ends, or of text with its record", () => {
  // (1000 + 3000 + 200) * 2 = 8400 bytes of tokens; 16,000 + 200 * 120 = 40,000 of text.
  assert.deepEqual(stems("megatron", false), ["shard_00000", "shard_00001"]);
  assert.deepEqual(stems("mds", false), ["train/shard.00000", "train/shard.00001"]);
  assert.equal(stems("jsonl", false).length, 8);
  assert.equal(stems("jsonl", false, 1).length, 200, "no more shards than documents");
});

await test("by domain, files are where the exports' dataRoot says; empty domains have none", () => {
  assert.deepEqual(stems("megatron", true, 1), ["domain_0", "domain_2"]);
  // 2200 and 6200 bytes.
  assert.deepEqual(stems("npy", true), [
    "domain_0/shard_00000",
    "domain_2/shard_00000",
    "domain_2/shard_00001",
  ]);
  assert.deepEqual(stems("mds", true, 10_000), ["domain_0/train/shard.00000", "domain_2/train/shard.00000"]);
  const plan = planShards(domains, "npy", { byDomain: true, shardBytes: 5000, bytesPerToken: 2 });
  assert.deepEqual(
    plan.map(({ domain, part, parts }) => [domain, part, parts]),
    [
      [0, 0, 1],
      [2, 0, 2],
      [2, 1, 2],
    ],
  );
});

await test("an id that is no file name is refused where it would be one", () => {
  const odd = [{ ...domains[0]!, id: "../up" }];
  const options = { shardBytes: 100, bytesPerToken: 2 };
  assert.throws(() => planShards(odd, "jsonl", { ...options, byDomain: true }), InputError);
  assert.doesNotThrow(() => planShards(odd, "jsonl", { ...options, byDomain: false }));
});

function groupSizes(count: number, shardBytes: number): number[] {
  const shards = Array.from({ length: count }, (_, part) => ({
    stem: `${part}`,
    part,
    parts: count,
    domain: null,
  }));
  const groups = groupShards(shards, shardBytes);
  assert.deepEqual(groups.flat(), shards);
  return groups.map(({ length }) => length);
}

await test("a process writes up to 500 MB, but four share a small mixture evenly", () => {
  assert.deepEqual(groupSizes(1, 1e8), [1]);
  assert.deepEqual(groupSizes(6, 1e8), [1, 2, 1, 2]);
  assert.deepEqual(groupSizes(40, 1e8), [5, 5, 5, 5, 5, 5, 5, 5]);
  assert.deepEqual(groupSizes(5, 1e10), [1, 1, 1, 1, 1]);
});
