/** Domains that come with the corpus: a run then embeds and clusters nothing but the targets. */
import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { encode } from "gpt-tokenizer/encoding/r50k_base";
import { Manifest } from "../../pipeline/schema/manifest.ts";
import { SearchResult } from "../../pipeline/schema/search.ts";
import type { DomainsResult } from "../../stages/domains.ts";
import type { HoldoutResult } from "../../stages/holdout.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareTinyRun, runClimb } from "../support/tiny-run.ts";

const artifactStages = async (dir: string): Promise<string[]> => {
  const names = await readdir(join(dir, "data", "artifacts"));
  return [...new Set(names.flatMap((name) => /^([a-z]+)-[0-9a-f]{12}$/.exec(name)?.[1] ?? []))].toSorted();
};

async function readManifest(dir: string): Promise<Manifest> {
  return Manifest.parse(
    JSON.parse(await readFile(join(dir, "data", "runs", "tiny", "mixture.json"), "utf8")),
  );
}

await test("a run over sources, folders and ClimbMix's clusters, from raw files to exports", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    // A training document that nearly duplicates a target has to go without any embedding of it.
    const [target] = (await readFile(join(dir, "target.jsonl"), "utf8")).split("\n");
    const { text } = JSON.parse(target!) as { text: string };
    await appendFile(join(dir, "corpus", "fiction.jsonl"), `${JSON.stringify({ text: `Oh. ${text}` })}\n`);
    const byQuality = "domains.cross=[{score: quality, bounds: [4]}]";
    const sources = await runClimb(dir, "run", "tiny.yaml", "domains.from=sources", byQuality, "--json");
    assert.equal(sources.code, 0, sources.stderr);
    const bySource = await readManifest(dir);
    assert.deepEqual(
      bySource.domains.map(({ id, name }) => [id, name]),
      // All speeches are of high quality.
      ["docs.q1", "docs.q2", "fiction.q1", "fiction.q2", "speeches.q2"].map((id) => [
        id,
        `${id.replace(".", " (")})`,
      ]),
    );
    assert.deepEqual(await artifactStages(dir), [
      "domains",
      "embed",
      "export",
      "holdout",
      "ingest",
      "labels",
      "report",
      "search",
    ]);
    const { holdout } = (
      JSON.parse(sources.stdout) as {
        artifacts: { holdout: { dir: string; result: HoldoutResult } };
      }
    ).artifacts;
    assert.equal(holdout.result.removedBy["overlap"], 1);
    assert.match(await readFile(join(holdout.dir, "removed.jsonl"), "utf8"), /"overlap":(1|0\.\d+)/);
    const report = await readFile(join(dir, "data", "runs", "tiny", "report.html"), "utf8");
    assert.match(report, /The domains came with the corpus: 3 labels/);
    assert.equal((await runClimb(dir, "verify", join("data", "runs", "tiny"))).code, 0);
    const made = await runClimb(dir, "materialize", "data/runs/tiny", "--tokens", "40k", "--format", "npy");
    assert.equal(made.code, 0, made.stderr);

    // Of each source a tenth is held out, by its label; what resembles it is not trained on either.
    const heldOut = ["domains.from=sources", "holdout.validation={share: 0.1}"];
    const crossed = await runClimb(dir, "search", "tiny.yaml", ...heldOut, byQuality);
    assert.equal(crossed.code, 2, crossed.stderr);
    assert.match(crossed.stderr, /domains\.cross/);
    const measured = await runClimb(dir, "search", "tiny.yaml", ...heldOut, "--json");
    assert.equal(measured.code, 0, measured.stderr);
    const { artifacts } = JSON.parse(measured.stdout) as {
      artifacts: {
        holdout: { result: HoldoutResult };
        domains: { result: DomainsResult };
        search: { dir: string };
      };
    };
    const counts = artifacts.domains.result.validationDocuments!;
    assert.ok(counts.length === 3 && counts.every((documents) => documents > 0), counts.join(" "));
    const total = counts.reduce((sum, documents) => sum + documents, 0);
    assert.equal(total, artifacts.holdout.result.validation!.documents);
    const found = SearchResult.parse(
      JSON.parse(await readFile(join(artifacts.search.dir, "search.json"), "utf8")),
    );
    for (const { domainLosses, losses } of found.trials) {
      assert.equal(domainLosses!.length, 3);
      assert.equal(losses.length, 1, "they inform, and do not count");
    }

    // One folder a domain, and ClimbMix's rows: token ids and the cluster they are from.
    await mkdir(join(dir, "corpus", "stories"));
    await rename(join(dir, "corpus", "fiction.jsonl"), join(dir, "corpus", "stories", "a.jsonl"));
    const stories = (await readFile(join(dir, "corpus", "stories", "a.jsonl"), "utf8")).trim().split("\n");
    await mkdir(join(dir, "mix"));
    const rows = stories.map((line, i) => {
      const tokens = encode(`${(JSON.parse(line) as { text: string }).text} Again.`);
      return `${JSON.stringify({ tokens, cluster_id: [3, 12][i % 2], token_count: tokens.length })}\n`;
    });
    await writeFile(join(dir, "mix", "part_0.tokenized.jsonl"), rows.join(""));
    const config = await readFile(join(dir, "tiny.yaml"), "utf8");
    const [, end] = config.split("  shardBytes");
    await writeFile(
      join(dir, "tiny.yaml"),
      `seed: 7\ndomains: { from: labels }\ncorpus:\n  sources:\n` +
        `    - { name: own, files: "corpus/**", fields: { label: folder } }\n` +
        `    - { name: climbmix, files: mix/part_0.tokenized.jsonl }\n` +
        `  shardBytes${end!.replace(/^domains.*\n/m, "")}`,
    );
    const labelled = await runClimb(dir, "run", "tiny.yaml", "--json");
    assert.equal(labelled.code, 0, labelled.stderr);
    const byLabel = await readManifest(dir);
    assert.deepEqual(
      byLabel.domains.map(({ id, name }) => [id, name]),
      [
        ["domain_3", "3"],
        ["domain_12", "12"],
        ["docs", "docs"],
        ["speeches", "speeches"],
        ["stories", "stories"],
      ],
    );
    const mix = byLabel.domains[0]!.documents + byLabel.domains[1]!.documents;
    assert.ok(mix >= stories.length - 2 && mix <= stories.length, `${mix}`);

    const missing = await runClimb(dir, "domains", "tiny.yaml", "corpus.sources.0.fields.label=topic");
    assert.equal(missing.code, 0, missing.stderr);
    assert.match(missing.stderr, /documents have no label: they are in no domain/);
  }));
