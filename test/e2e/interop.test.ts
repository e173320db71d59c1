/** What is there already: runs looked at and hashed again, corpora recognised, proxy runs made elsewhere fitted. */
import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import test from "node:test";
import { Random } from "../../pipeline/math/random.ts";
import type { Fit } from "../../stages/commands/fit-result.ts";
import type { Inspection } from "../../stages/commands/inspect.ts";
import type { Verified } from "../../stages/commands/verified.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareFinishedRun, runClimb } from "../support/tiny-run.ts";

async function inspect(dir: string, ...args: string[]): Promise<Inspection> {
  const { code, stdout, stderr } = await runClimb(dir, "inspect", ...args, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Inspection;
}

async function verify(dir: string, path: string): Promise<{ code: number | null; wrong: string[] }> {
  const { code, stdout } = await runClimb(dir, "verify", path, "--json");
  const { ok, checked } = JSON.parse(stdout) as { ok: boolean; checked: Verified[] };
  const wrong = checked.filter(({ state }) => state !== "ok");
  assert.equal(ok, wrong.length === 0);
  assert.ok(wrong.every(({ problems }) => problems.length > 0));
  return { code, wrong: wrong.map(({ kind, name, state }) => `${state} ${kind} ${name}`) };
}

await test("a run is inspected and verified, and verify names each kind of damage", () =>
  withTempDir(async (dir) => {
    await prepareFinishedRun(dir);
    const ran = await runClimb(dir, "run", "tiny.yaml", "--json");
    assert.equal(ran.code, 0, ran.stderr);
    const run = join("data", "runs", "tiny");
    const mixture = join(run, "mixture.json");

    const seen = await inspect(dir, run);
    assert.ok(seen.kind === "mixture");
    assert.deepEqual(seen.mixture, (JSON.parse(ran.stdout) as { mixture: unknown }).mixture);
    assert.deepEqual(await inspect(dir, mixture), seen);
    const text = await runClimb(dir, "inspect", run);
    for (const part of [/domain_0 /, /bits per byte/, seen.mixture.verdict.text, /corpus +speeches +\d+/]) {
      assert.ok(typeof part === "string" ? text.stdout.includes(part) : part.test(text.stdout), String(part));
    }
    const cluster = seen.mixture.lineage.artifacts["clusters"]!;
    const artifact = await inspect(dir, join("data", "artifacts", cluster));
    assert.ok(artifact.kind === "artifact");
    assert.equal(artifact.artifact.stage, "cluster");
    assert.deepEqual(
      artifact.artifact.files.map(({ path }) => path),
      ["assignments.npy", "assignments.parquet", "centroids.npy", "distances.npy"],
    );

    assert.deepEqual(await verify(dir, run), { code: 0, wrong: [] });
    // Also from another folder, and one artifact with all it was made from.
    assert.deepEqual(await verify("/", resolve(dir, mixture)), { code: 0, wrong: [] });
    assert.deepEqual(await verify(dir, join("data", "artifacts", cluster)), { code: 0, wrong: [] });

    const original = await readFile(join(dir, "target.jsonl"));
    await appendFile(join(dir, "target.jsonl"), "\n");
    await rm(join(dir, "corpus", "fiction.jsonl"));
    const centroids = join(dir, "data", "artifacts", cluster, "centroids.npy");
    const bytes = await readFile(centroids);
    await writeFile(centroids, bytes.with(200, bytes[200]! ^ 1));
    await writeFile(join(dir, run, "exports", "megatron", "blend.txt"), "1 /data/domains/domain_0\n");
    assert.deepEqual(await verify(dir, run), {
      code: 3,
      wrong: [
        "missing input fiction/fiction.jsonl",
        "changed input news/target.jsonl",
        `changed artifact ${cluster}`,
        "changed export exports/megatron/blend.txt",
      ],
    });
    await writeFile(join(dir, "target.jsonl"), original);

    const manifest = await readFile(join(dir, mixture), "utf8");
    await writeFile(join(dir, mixture), manifest.replace(/"weight": [\d.]+/, '"weight": 0.5'));
    const { code, wrong } = await verify(dir, mixture);
    assert.equal(code, 3);
    assert.ok(wrong.includes("changed manifest mixture.json"));
    assert.ok(wrong.includes("changed export mixture.json"));
    await writeFile(join(dir, mixture), "{}");
    const broken = await runClimb(dir, "verify", run);
    assert.equal(broken.code, 3);
    assert.match(broken.stderr, /mixture.json is no mixture manifest[\s\S]*hint:/);
  }));

await test("a corpus is recognised: format, documents, bytes, the text's column, skips and three examples", () =>
  withTempDir(async (dir) => {
    const lines = ["first", "second", "third", "fourth"].map(
      (text, i) =>
        `${JSON.stringify({ uid: i, url: `https://example.org/${i}`, content: text.repeat(99) })}\n`,
    );
    const content = `${lines.join("")}{"content": ""}\nnot json\n`;
    await mkdir(join(dir, "corpus"));
    await writeFile(join(dir, "corpus", "a.jsonl"), content);
    const found = await inspect(dir, "corpus");
    assert.ok(found.kind === "corpus");
    assert.deepEqual(
      { ...found, examples: found.examples.map(({ line, url }) => [line, url]) },
      {
        kind: "corpus",
        format: "jsonl",
        files: 1,
        bytes: Buffer.byteLength(content),
        documents: 4,
        textBytes: 22 * 99,
        compression: { none: 1 },
        recognised: [
          {
            format: "jsonl",
            layout: "JSON lines",
            why: "no published corpus has these columns",
            fields: {
              text: "content",
              tokens: null,
              id: "uid",
              url: "url",
              language: null,
              label: null,
              embedding: null,
            },
            scores: [],
            columns: [
              { name: "uid", type: "number", kind: "number", meanCharacters: null },
              { name: "url", type: "string", kind: "text", meanCharacters: 21 },
              { name: "content", type: "string", kind: "text", meanCharacters: (22 * 99) / 5 },
            ],
            beside: [],
            folderKeys: [],
          },
        ],
        languages: {},
        labels: {},
        scores: {},
        vectors: null,
        leftAside: [],
        skipped: { "empty-text": 1, "invalid-json": 1 },
        examples: [0, 1, 2].map((i) => [i + 1, `https://example.org/${i}`]),
      },
    );
    await writeFile(join(dir, "corpus", "b.txt"), "A text file is one document.");
    const both = await inspect(dir, "corpus/*");
    assert.ok(both.kind === "corpus");
    assert.deepEqual([both.format, both.files, both.documents], ["jsonl+text", 2, 5]);
    const text = await runClimb(dir, "inspect", "corpus/a.jsonl");
    assert.match(text.stdout, /recognised: JSON lines[^]*content +string +text/);
    assert.deepEqual(await readdir(dir), ["corpus"]);
    assert.equal((await runClimb(dir, "inspect", "nothing-here")).code, 3);
    assert.equal((await runClimb(dir, "inspect", "corpus", "--format", "papyrus")).code, 2);
  }));

/** Runs whose first domain is the good one: its loss falls, or its accuracy rises, with its weight. */
async function writeSwarm(dir: string, value: (weights: readonly number[]) => number): Promise<void> {
  const random = new Random("swarm");
  const rows = Array.from({ length: 24 }, (_, run) => {
    const draws = [random.uniform(), random.uniform(), random.uniform()];
    const sum = draws.reduce((total, draw) => total + draw, 0);
    return { run, weights: draws.map((draw) => draw / sum) };
  });
  const ratios = rows.map(({ run, weights }) => `r${run},${weights.join(",")}\n`);
  const metrics = rows.map(({ run, weights }) => `r${run},${value(weights)}\n`).toReversed();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "ratios.csv"), `run_id,good,poor,poorer\n${ratios.join("")}`);
  await writeFile(join(dir, "metrics.csv"), `run_id,score\n${metrics.join("")}`);
}

await test("fit finds the good domain whichever direction is better, with the same bytes twice", () =>
  withTempDir(async (dir) => {
    await writeSwarm(join(dir, "loss"), ([good, poor]) => 3 - Math.sqrt(good!) + 0.1 * poor!);
    await writeSwarm(join(dir, "accuracy"), ([good, poor]) => 40 + 20 * Math.sqrt(good!) - 2 * poor!);
    const options = ["--json", "--pool", "400", "--average", "16", "--predictors", "log-linear,gp,ridge"];
    for (const better of ["loss", "accuracy"]) {
      const flags = better === "accuracy" ? ["--better", "higher"] : [];
      const { code, stdout, stderr } = await runClimb(dir, "fit", better, ...options, ...flags);
      assert.equal(code, 0, stderr);
      const fit = JSON.parse(stdout) as Fit;
      assert.equal(fit.runs, 24);
      assert.equal(fit.chosen, fit.predictors[0]!.predictor);
      assert.ok(fit.predictors[0]!.spearman > 0.95, JSON.stringify(fit.predictors));
      for (const { weights } of [fit.predictedBest, fit.topAverage]) {
        assert.ok(weights[0]! > 0.8, JSON.stringify(weights));
        assert.equal(
          weights.reduce((sum, weight) => sum + weight, 0),
          1,
        );
      }
      const sign = better === "accuracy" ? -1 : 1;
      assert.ok(sign * fit.predictedBest.predicted < sign * fit.prior.predicted);
      assert.equal(await readFile(join(dir, "data", "fits", better, "fit.json"), "utf8"), stdout);
      assert.equal((await runClimb(dir, "fit", better, ...options, ...flags)).stdout, stdout);
    }

    // No domain above twice its share: the good one is rare.
    await writeFile(join(dir, "prior.yaml"), "good: 10\npoor: 45\npoorer: 45\n");
    const capped = await runClimb(
      dir,
      "fit",
      "loss",
      ...options,
      "--prior",
      "prior.yaml",
      "--max-repetition",
      "2",
    );
    assert.equal(capped.code, 0, capped.stderr);
    const { predictedBest } = JSON.parse(capped.stdout) as Fit;
    assert.ok(predictedBest.weights[0]! <= 0.2 && predictedBest.weights[0]! > 0.15);

    const wrong = await runClimb(dir, "fit", "loss", "--predictors", "oracle");
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /"oracle"/);
    assert.equal((await runClimb(dir, "fit", "loss", "--max-repetition", "2")).code, 2);
    assert.equal((await runClimb(dir, "fit", "elsewhere")).code, 3);
    await mkdir(join(dir, "few"));
    await writeFile(join(dir, "few", "ratios.csv"), "run_id,a,b\n1,0.5,0.5\n");
    await writeFile(join(dir, "few", "metrics.csv"), "run_id,loss\n1,2\n");
    assert.match((await runClimb(dir, "fit", "few")).stderr, /1 runs of 2 domains/);
  }));

const pileCc = "the_pile_pile_cc";
const regmix = resolve("..", "shared", "data", "regmix");
const absent = await readdir(regmix).then(
  () => false as const,
  () => `${regmix} is not there`,
);
await test("RegMix's published runs, by one command in well under a minute", { skip: absent }, () =>
  withTempDir(async (dir) => {
    const started = performance.now();
    const { code, stdout, stderr } = await runClimb(dir, "fit", regmix, "--json", "--target", pileCc);
    assert.equal(code, 0, stderr);
    assert.ok(performance.now() - started < 45_000);
    const fit = JSON.parse(stdout) as Fit;
    assert.deepEqual([fit.runs, fit.heldOut?.runs, fit.domains.length], [512, 256, 17]);
    // The paper's predictor orders the held-out runs of this target with .985 (LightGBM), a linear one with .901.
    assert.ok(fit.heldOut!.spearman > 0.98, JSON.stringify(fit.heldOut));
    // run 203 has the lowest loss: sort -t, -gk10 train_pile_loss_1m.csv
    assert.equal(fit.bestMeasured.run, "203");
    // What the paper found: web text teaches most about web text.
    const web = fit.domains.indexOf(pileCc);
    assert.equal(Math.max(...fit.topAverage.weights), fit.topAverage.weights[web]);
  }),
);
