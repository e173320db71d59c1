import assert from "node:assert/strict";
import { test } from "node:test";
import { JSONPath } from "jsonpath-plus";
import { parse } from "yaml";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { dolma } from "../../../pipeline/export/dolma.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, manifest, options, problemsAfter } from "./changed-export.ts";

interface Mixer {
  streams: { name: string; filter: { include: string[] }; output: { path: string } }[];
}
interface Reshard {
  source_prefixes: { prefix: string; sample_rate: number }[];
}

await test("2.4 epochs are the whole twice and four tenths of the documents once, 0.5 epochs only a part", () => {
  const { manifest } = makeFixture({ domains: 2, foundWeights: [0.6, 0.4] });
  const { targetTokens } = manifest.budget;
  manifest.domains[0]!.tokens = (0.6 * targetTokens) / 2.4;
  manifest.domains[1]!.tokens = (0.4 * targetTokens) / 0.5;
  const { streams } = parse(exportedText(dolma, "mixer.yaml", manifest)) as Mixer;
  assert.deepEqual(
    streams.map(({ name, filter }) => [name, ...filter.include]),
    [
      ["domain_0-whole", "$.attributes[?(@.climb__sample__u[0][2] < 1.0)]"],
      ["domain_0-part", "$.attributes[?(@.climb__sample__u[0][2] < 0.400000000000)]"],
      ["domain_1-part", "$.attributes[?(@.climb__sample__u[0][2] < 0.500000000000)]"],
    ],
  );
  const { source_prefixes } = parse(exportedText(dolma, "reshard.yaml", manifest)) as Reshard;
  assert.deepEqual(source_prefixes, [
    { prefix: "/data/domains/tokens/domain_0/whole", sample_rate: 2 },
    { prefix: "/data/domains/tokens/domain_0/part", sample_rate: 1 },
    { prefix: "/data/domains/tokens/domain_1/part", sample_rate: 1 },
  ]);
});

for (const [what, change, message] of [
  [
    "a stream without filter",
    (text: string) => text.replace(/ +filter:\n.*\n.*\n.*jsonpath\n/, ""),
    /filter: is missing/,
  ],
  ["another filter", (text: string) => text.replace("< 1.0", "> 1.0"), /no filter that climb writes/],
  ["a changed part", (text: string) => text.replace(/< 0\.\d+/, "< 0.1"), /gets the share/],
  ["no attributes", (text: string) => text.replace(/ +attributes:\n +- climb\n/, ""), /should be \[climb\]/],
  ["two wildcards", (text: string) => text.replace("/*.jsonl", "/*/*.jsonl"), /one \*/],
  ["no documents folder", (text: string) => text.replace("/documents/", "/texts/"), /one \/documents\//],
  [
    "another domain's documents",
    (text: string) => text.replace("domain_0/doc", "domain_1/doc"),
    /domain_0-whole reads/,
  ],
  [
    "a stream that reshard does not take",
    (text: string) => text.replace("domain_1/whole", "domain_1/all"),
    /not take/,
  ],
] as const) {
  await test(`mixer: check sees ${what}`, () => {
    assert.match(problemsAfter(dolma, "mixer.yaml", change), message);
  });
}

for (const [what, change, message] of [
  // reshard takes 4.5 times 4 files as 18, and 0.1 times 4 files as 1: whole files.
  [
    "a rate that is not whole",
    (text: string) => text.replace(/(sample_rate: \d)\.0/, "$1.5"),
    /should be whole/,
  ],
  [
    "a changed rate",
    (text: string) => text.replace(/sample_rate: \d\.0/, "sample_rate: 9.0"),
    /gets the share/,
  ],
  [
    "a rate of 0",
    (text: string) => text.replace(/sample_rate: \d\.0/, "sample_rate: 0.0"),
    /should be whole/,
  ],
  [
    "no maximum, of which it wants one",
    (text: string) => text.replace(/max_size_bytes.*\n/, ""),
    /max_size_bytes/,
  ],
  ["both maxima", (text: string) => `${text}max_num_files: 4\n`, /max_num_files/],
  [
    "a prefix that the mixer does not fill",
    (text: string) => `${text}  - {prefix: /data/domains/tokens/other/whole, sample_rate: 1.0}\n`,
    /mixer.yaml does not make other\/whole/,
  ],
] as const) {
  await test(`reshard: check sees ${what}`, () => {
    assert.match(problemsAfter(dolma, "reshard.yaml", change), message);
  });
}

await test("a data root with a folder called documents is refused", () => {
  assert.throws(() => dolma.files(manifest, { ...options, dataRoot: "/my/documents" }), ConfigError);
});

await test("documents that pass the filters have the manifest's shares, by a real jsonpath", () => {
  const { streams } = parse(exportedText(dolma, "mixer.yaml")) as Mixer;
  const { source_prefixes } = parse(exportedText(dolma, "reshard.yaml")) as Reshard;
  // u is the share of the domain's tokens before a document: evenly spread.
  const documents = 1000;
  const drawn = new Map<string, number>();
  for (const { filter, output } of streams) {
    const [path] = filter.include;
    const passed = Array.from({ length: documents }, (_, i) => ({
      attributes: [{ climb__sample__u: [[0, 531, i / documents]] }],
    })).filter((json) => JSONPath<unknown[]>({ path: path!, json }).length > 0);
    const [id, kind] = output.path.split("/").slice(-2);
    const { sample_rate } = source_prefixes.find(({ prefix }) => prefix.endsWith(`/${id}/${kind}`))!;
    const { tokens } = manifest.domains.find((domain) => domain.id === id)!;
    drawn.set(id!, (drawn.get(id!) ?? 0) + (passed.length / documents) * sample_rate * tokens);
  }
  for (const { id, weight, tokens } of manifest.domains) {
    const slack = (2 * tokens) / documents / manifest.budget.targetTokens;
    assert.ok(Math.abs(drawn.get(id)! / manifest.budget.targetTokens - weight) < slack, id);
  }
});
