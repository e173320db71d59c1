import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { hfDatasets } from "../../../pipeline/export/hf-datasets.ts";
import { makeFixture } from "../../support/search-fixture.ts";

const options = { dataRoot: "/data/domains", decimals: 6 };
const { manifest } = makeFixture();
const [file] = hfDatasets.files(manifest, options);
const module = (text: string) => [{ path: "mixture.py", text }];
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const needsPython = hasPython ? {} : { skip: "python3 is not installed" };

for (const [what, change, message] of [
  [
    "probabilities that sum to 0.9999",
    (text: string) => text.replace(/: 0\.\d+,/, ": 0.000001,"),
    /numpy refuses/,
  ],
  ["an exponent", (text: string) => text.replace(/: 0\.\d+,/, ": 1e-7,"), /is not "folder": probability/],
  ["another stopping strategy", (text: string) => text.replace("all_", "first_"), /smallest domain ends/],
  ["no table", (text: string) => text.replace("PROBABILITIES = {", "WEIGHTS = {"), /no table/],
] as const) {
  await test(`refuses ${what}`, () => {
    assert.throws(
      () => hfDatasets.read(module(change(file!.text))),
      (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

/** Stands in for the datasets package and prints what the module calls it with. */
const recorder = `import json

def load_dataset(folder, **options):
    return {"folder": folder, **options}

def interleave_datasets(parts, **options):
    print(json.dumps({"parts": parts, **options}))
`;

await test("compiles, and Python calls interleave_datasets with what read() says", needsPython, async () => {
  const dir = await mkdtemp(join(tmpdir(), "climb-hf-"));
  try {
    const name = makeFixture({ domains: 2 }).manifest;
    name.domains[0]!.name = 'quote " backslash \\ """ é\u2028\ud800';
    await writeFile(join(dir, "mixture.py"), hfDatasets.files(name, options)[0]!.text);
    assert.equal(spawnSync("python3", ["-m", "py_compile", "mixture.py"], { cwd: dir }).status, 0);

    await writeFile(join(dir, "mixture.py"), file!.text);
    await writeFile(join(dir, "datasets.py"), recorder);
    const run = spawnSync("python3", ["-c", "import mixture; mixture.load_mixture()"], {
      cwd: dir,
      encoding: "utf8",
    });
    assert.equal(run.stderr, "");
    const call = JSON.parse(run.stdout) as {
      parts: { folder: string; split: string; streaming: boolean }[];
      probabilities: number[];
      seed: number;
      stopping_strategy: string;
    };
    const shares = hfDatasets.read([file!]);
    assert.deepEqual(
      call.parts.map(({ folder }) => folder),
      shares.map(({ domain }) => `/data/domains/${domain}`),
    );
    assert.deepEqual(
      call.probabilities,
      shares.map(({ share }) => share),
    );
    assert.ok(Math.abs(call.probabilities.reduce((sum, share) => sum + share, 0) - 1) < 1e-8);
    assert.equal(call.seed, 42);
    assert.equal(call.stopping_strategy, "all_exhausted");
  } finally {
    await rm(dir, { recursive: true });
  }
});
