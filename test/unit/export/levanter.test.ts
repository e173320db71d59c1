import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { checkTarget, exportAll } from "../../../pipeline/export/export-all.ts";
import { drawnInBlocks } from "../../../pipeline/export/levanter-blocks.ts";
import { levanter } from "../../../pipeline/export/levanter.ts";
import { marin } from "../../../pipeline/export/marin.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, manifest, options, problemsAfter } from "./changed-export.ts";

await test("the data section, by hand", () => {
  const { manifest } = makeFixture({ domains: 2, foundWeights: [0.25, 0.75] });
  const common = {
    train_weights: { domain_0: 0.25, domain_1: 0.75 },
    stop_strategy: "restart",
    mixture_block_size: 32_768,
    shuffle: true,
  };
  assert.deepEqual(parse(exportedText(levanter, "data.yaml", manifest)), {
    data: {
      configs: {
        domain_0: { train_urls: ["/data/domains/domain_0/*.jsonl"] },
        domain_1: { train_urls: ["/data/domains/domain_1/*.jsonl"] },
      },
      ...common,
    },
  });
  assert.deepEqual(parse(exportedText(marin, "data.yaml", manifest)), {
    data: {
      components: {
        domain_0: { source: { type: "url", train_urls: ["/data/domains/domain_0/*.jsonl"] } },
        domain_1: { source: { type: "url", train_urls: ["/data/domains/domain_1/*.jsonl"] } },
      },
      ...common,
    },
  });
});

// numpy 2.4.6, the arithmetic of _compute_expected_counts_per_block:
//   w = dict(a=0.6, b=0.3997, c=0.0002, d=0.0001); counts = np.zeros(4, dtype=np.int32)
//   for i, v in enumerate(w.values()): counts[i] = v * 2048
//   counts[np.argmax(counts)] += 2048 - counts.sum()   ->  [1230  818    0    0]
await test("weights below one sequence of a block are drawn never, and the largest domain takes the rest", () => {
  const weights = { a: 0.6, b: 0.3997, c: 0.0002, d: 0.0001 };
  assert.deepEqual(
    drawnInBlocks(weights, 2048, "data.yaml").map(({ share }) => share * 2048),
    [1230, 818, 0, 0],
  );
});

await test("what is written is drawn exactly", () => {
  for (const exporter of [levanter, marin]) {
    const { data } = parse(exportedText(exporter, "data.yaml")) as {
      data: { train_weights: Record<string, number> };
    };
    const shares = exporter.read(exporter.files(manifest, options), manifest, options);
    assert.deepEqual(
      Object.fromEntries(shares.map(({ domain, share }) => [domain, share])),
      data.train_weights,
    );
  }
});

for (const exporter of [levanter, marin]) {
  for (const [what, change, message] of [
    [
      "a block too small for a weight, of which Levanter only warns",
      (text: string) => text.replace(/(domain_2: )0\.\d+/, "$10.0001").replace("32768", "2048"),
      /domain_2 gets the share 0;/,
    ],
    [
      "the default block, which rounds",
      (text: string) => text.replace(/ +mixture_block.*\n/, ""),
      /gets the share/,
    ],
    ["a block of 2^16", (text: string) => text.replace("32768", "65536"), /below 65536/],
    ["an exponent", (text: string) => text.replace(/(domain_2: )0\.\d+/, "$11e-7"), /1e-7 as text/],
    ["a domain without weight", (text: string) => text.replace(/ +domain_2: 0\.\d+\n/, ""), /same domains/],
    [
      "another stop strategy",
      (text: string) => text.replace("restart", "first_exhausted"),
      /should be restart/,
    ],
    ["unshuffled data", (text: string) => text.replace("shuffle: true", "shuffle: false"), /shuffle/],
    ["a domain twice", (text: string) => text.replace("    domain_1: 0", "    domain_0: 0"), /unique/],
  ] as const) {
    await test(`${exporter.name}: check sees ${what}`, () => {
      assert.match(problemsAfter(exporter, "data.yaml", change), message);
    });
  }
}

await test("marin: check sees components without weights, which would all weigh the same", () => {
  assert.match(
    problemsAfter(marin, "data.yaml", (text) => text.replace(/ +train_weights:\n( {4}domain.*\n)+/, "")),
    /without it all weigh the same/,
  );
});

// MixtureDataset.__init__ (marin 071105ad): stages begin at 0 and at multiples of block_size, in sequences; what
// rescale_mixture_schedule_for_batch_schedule makes of a step is the step times the batch.
await test("marin: two phases are a list of steps, rounded to the beginning of a block", () => {
  const config = { ...options, sequenceTokens: 1000, batchTokens: 96_000, targets: ["marin" as const] };
  const run = (targetTokens: number) => {
    const phase = (weights: number[]) => {
      const { manifest: made } = makeFixture({ domains: 3, foundWeights: weights });
      return { ...made, budget: { ...made.budget, targetTokens } };
    };
    const phases = [
      { name: "main", fromShare: 0, manifest: phase([0.75, 0.25, 0]) },
      { name: "anneal", fromShare: 0.9, manifest: phase([0, 0.5, 0.5]) },
    ];
    const whole = { manifest: phase([0.675, 0.275, 0.05]), phase: null, phases, notes: [] };
    const { files, checks } = exportAll({ ...config, tokenizers: {} }, () => whole);
    const after = (change: (text: string) => string) => {
      const text = change(files[0]!.text);
      assert.notEqual(text, files[0]!.text);
      return checkTarget("marin", [{ path: "data.yaml", text }], whole, config).problems.join("\n");
    };
    return { text: files[0]!.text, problems: checks.marin!.problems, after };
  };

  // 10^9 sequences of which 96 are a step, 32 of them a power of two: multiples of 1024 steps; 9375000 is 9155.3 of them.
  const { text, problems, after } = run(1_000_000_000_000);
  assert.deepEqual((parse(text) as { data: { train_weights: unknown } }).data.train_weights, [
    [0, { domain_0: 0.75, domain_1: 0.25 }],
    [9_374_720, { domain_1: 0.5, domain_2: 0.5 }],
  ]);
  assert.deepEqual(problems, []);
  assert.match(
    after((of) => of.replaceAll("9374720", "9375000")),
    /begin at sequence 900000000; .* multiples of 32768/,
  );
  assert.match(
    after((of) => of.replaceAll("9374720", "1024")),
    /phase anneal: it begins after 1024 steps/,
  );
  assert.match(
    after((of) => of.replace(/- - 0\n/, "- - 1024\n")),
    /the first begin at 0/,
  );
  assert.match(
    after((of) => of.replace(/ +domain_2: 0\.5.*\n/, "")),
    /name the same domains/,
  );
  assert.throws(() => run(2_400_000), /"main" would have no step: the run has 25 of 96000/);
});
