/** The targets configured in Python: Hugging Face datasets, litdata, torchtitan. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Exporter } from "../../../pipeline/export/exporter.ts";
import { hfDatasets } from "../../../pipeline/export/hf-datasets.ts";
import { litdata } from "../../../pipeline/export/litdata.ts";
import { torchtitan } from "../../../pipeline/export/torchtitan.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, manifest, options, problemsAfter } from "./changed-export.ts";
import { pythonWith, runPython } from "./python.ts";

const { python, ...skip } = pythonWith();
const withNumpy = pythonWith("numpy");

for (const exporter of [hfDatasets, litdata, torchtitan]) {
  const table = exporter === hfDatasets ? "PROBABILITIES" : "WEIGHTS";
  for (const [what, change, message] of [
    ["an exponent", (text: string) => text.replace(/: 0\.\d+,/, ": 1e-7,"), /is not "folder": number/],
    ["no table", (text: string) => text.replace(`${table} = {`, "TABLE = {"), /no table/],
    [
      "a domain twice, of which Python keeps one",
      (text: string) => text.replace(/domain_1"/, 'domain_0"'),
      /twice|share/,
    ],
    [
      "a domain in a comment",
      (text: string) => text.replace(/^ {4}("\/data)/m, "    # $1"),
      /domain_0|numpy refuses/,
    ],
  ] as const) {
    await test(`${exporter.name}: check sees ${what}`, () => {
      assert.match(problemsAfter(exporter, "mixture.py", change), message);
    });
  }
}

const without = (code: string) => (text: string) => text.replace(code, `pass  # ${code}`);

for (const [exporter, what, change, message] of [
  [
    hfDatasets,
    "probabilities that sum to 0.9999",
    (text: string) => text.replace(/: 0\.\d+,/, ": 0.000001,"),
    /numpy refuses/,
  ],
  [
    hfDatasets,
    "the default stopping strategy",
    without('stopping_strategy="all_exhausted"'),
    /smallest domain ends/,
  ],
  [
    hfDatasets,
    "another stopping strategy",
    (text: string) => text.replace('"all_exhausted"', '"first_exhausted"'),
    /smallest domain ends/,
  ],
  [hfDatasets, "no probabilities", without("probabilities=list(PROBABILITIES.values())"), /drawn alike/],
  [litdata, "no weights", without("weights=list(WEIGHTS.values())"), /by their size/],
  [
    litdata,
    "iterate_over_all, which refuses weights",
    (text: string) => text.replace("iterate_over_all=False", "iterate_over_all=True"),
    /refuses weights/,
  ],
  [litdata, "no token loader", without("item_loader=TokensLoader(block_size=block_size)"), /count samples/],
  [torchtitan, "no weight", without("weight=weight"), /weighs 1/],
  [
    torchtitan,
    "a mix before packing",
    (text: string) =>
      text.replace("ConcatThenSplitPackingConfig(dataset=documents_of(folder))", "documents_of(folder)"),
    /count documents/,
  ],
] as const) {
  await test(`${exporter.name}: check sees ${what}`, () => {
    assert.match(problemsAfter(exporter, "mixture.py", change), message);
  });
}

/** Stand-ins for the packages: every class and function prints its name and arguments as JSON. */
const recorder = `import json

def record(name):
    return lambda *args, **options: {"call": name, "args": args, **options}

def show(value):
    print(json.dumps(value))
`;

const packages: [Exporter, Record<string, string>, string][] = [
  [
    hfDatasets,
    {
      "datasets.py":
        'from recorder import record\nload_dataset, interleave_datasets = record("load_dataset"), record("interleave_datasets")\n',
    },
    "mixture.load_mixture()",
  ],
  [
    litdata,
    {
      "litdata/__init__.py": "",
      "litdata/streaming.py": `from recorder import record
CombinedStreamingDataset = record("CombinedStreamingDataset")
StreamingDataset = record("StreamingDataset")
TokensLoader = record("TokensLoader")
`,
    },
    "mixture.load_mixture(block_size=2049)",
  ],
  [
    torchtitan,
    {
      "torchtitan/__init__.py": "",
      "torchtitan/components/__init__.py": "",
      "torchtitan/components/data.py": `from recorder import record
ConcatThenSplitPackingConfig = record("ConcatThenSplitPackingConfig")
DatasetMixConfig = record("DatasetMixConfig")
WeightedDataset = record("WeightedDataset")
`,
    },
    "mixture.mixture(lambda folder: folder)",
  ],
];

for (const [exporter, stubs, call] of packages) {
  await test(
    `${exporter.name}: compiles, and Python calls the package with what read() says`,
    skip,
    async () => {
      const dir = await mkdtemp(join(tmpdir(), "climb-python-"));
      try {
        for (const [path, text] of Object.entries({ ...stubs, "recorder.py": recorder })) {
          await mkdir(dirname(join(dir, path)), { recursive: true });
          await writeFile(join(dir, path), text);
        }
        const { manifest: hostile } = makeFixture({ domains: 2 });
        hostile.domains[0]!.name = 'quote " backslash \\ """ é\u2028\ud800\uffff';
        await writeFile(join(dir, "hostile.py"), exportedText(exporter, "mixture.py", hostile));
        runPython(python, "import py_compile; py_compile.compile('hostile.py', doraise=True)", "", dir);

        await writeFile(join(dir, "mixture.py"), exportedText(exporter, "mixture.py"));
        const printed = runPython(python, `import mixture, recorder; recorder.show(${call})`, "", dir);
        const shares = exporter.read(exporter.files(manifest, options), manifest, options);
        assert.deepEqual(JSON.parse(printed), expectedCall(exporter, shares));
      } finally {
        await rm(dir, { recursive: true });
      }
    },
  );
}

function expectedCall(exporter: Exporter, shares: readonly { domain: string; share: number }[]): unknown {
  const none = { args: [] };
  const entries = shares.map(({ domain, share }) => ({ folder: `/data/domains/${domain}`, share }));
  switch (exporter.name) {
    case "hf-datasets":
      return {
        call: "interleave_datasets",
        args: [
          entries.map(({ folder }) => ({
            call: "load_dataset",
            args: [folder],
            split: "train",
            streaming: true,
          })),
        ],
        probabilities: entries.map(({ share }) => share),
        seed: 42,
        stopping_strategy: "all_exhausted",
      };
    case "litdata":
      return {
        call: "CombinedStreamingDataset",
        ...none,
        datasets: entries.map(({ folder }) => ({
          call: "StreamingDataset",
          ...none,
          input_dir: folder,
          item_loader: { call: "TokensLoader", ...none, block_size: 2049 },
          shuffle: true,
          seed: 42,
        })),
        seed: 42,
        weights: entries.map(({ share }) => share),
        iterate_over_all: false,
      };
    default:
      return {
        call: "DatasetMixConfig",
        ...none,
        datasets: entries.map(({ folder, share }) => ({
          call: "WeightedDataset",
          ...none,
          dataset: { call: "ConcatThenSplitPackingConfig", ...none, dataset: folder },
          weight: share,
        })),
      };
  }
}

await test(
  "numpy's choice takes the probabilities, and refuses a sum of 0.9999",
  withNumpy.skip === undefined ? {} : { skip: withNumpy.skip },
  () => {
    const shares = hfDatasets.read(hfDatasets.files(manifest, options), manifest, options);
    const program = `import json, sys, numpy
p = json.load(sys.stdin)
numpy.random.default_rng(42).choice(len(p), size=8, p=p)
try:
    numpy.random.default_rng(42).choice(3, p=[0.3333, 0.3333, 0.3333])
except ValueError:
    print("refused")`;
    const input = JSON.stringify(shares.map(({ share }) => share));
    assert.equal(runPython(withNumpy.python, program, input), "refused\n");
  },
);
