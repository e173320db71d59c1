/** Same config, same inputs, same seed: same bytes, whatever the number of workers, folder or second run. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { z } from "zod";
import { mixtureKey } from "../../pipeline/mixture/key.ts";
import { Manifest } from "../../pipeline/schema/manifest.ts";
import { SearchResult } from "../../pipeline/schema/search.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareTinyRun, runClimb, snapshot } from "../support/tiny-run.ts";

await test("one worker and two write the same bytes, and a second run reuses everything", () =>
  withTempDir((one) =>
    withTempDir(async (two) => {
      for (const dir of [one, two]) {
        await prepareTinyRun(dir);
        // Domains in two by quality, then by source: what follows knows nothing of it but the ids.
        const config = await readFile(join(dir, "tiny.yaml"), "utf8");
        const cross = "cross: [{ score: quality, buckets: 2 }, { column: source }]";
        await writeFile(
          join(dir, "tiny.yaml"),
          config
            .replace("clusters: 12", "clusters: 12, stability: true")
            .replace("domains: { merge", `domains: { ${cross}, merge`)
            .replace("search: {", "search: { cheaper: [{ proxy: { kind: ngram, order: 1 }, cost: 0.2 }],"),
        );
      }
      const first = await runClimb(one, "run", "tiny.yaml", "workers=1", "--json");
      assert.equal(first.code, 0, first.stderr);
      const second = await runClimb(two, "run", "tiny.yaml", "workers=2");
      assert.equal(second.code, 0, second.stderr);
      const before = await snapshot(one);
      assert.deepEqual({ ...(await snapshot(two)), ...resolvedConfig(before) }, before);

      const { mixture, files } = z
        .object({ mixture: Manifest, files: z.array(z.string()) })
        .parse(JSON.parse(first.stdout));
      assert.equal(
        mixture.domains.reduce((sum, { weight }) => sum + Math.round(weight * 1e6), 0),
        1e6,
      );
      const crossed = mixture.domains.filter(({ id }) => /^domain_\d\.q[12]\.\w+$/.test(id));
      assert(["q1", "q2"].every((bucket) => crossed.some(({ id }) => id.includes(bucket))));
      for (const { id, sources } of crossed) assert.deepEqual(Object.keys(sources!), [id.split(".")[2]]);
      assert.match(second.stderr, /crossed with quality: \d+ parts, of which \d+ with less than 0\.5 %/);
      assert.deepEqual(Object.keys(mixture.baselines).slice(0, 4), [
        "found",
        "natural",
        "uniform",
        "best-random",
      ]);
      const report = await readFile(
        files.find((file) => file.endsWith("report.html"))!,
        "utf8",
      );
      assert.match(report, /Another seed puts \d+ documents into the same clusters to an NMI of\s+0\.\d{3}/);
      assert.match(report, /Proxies of several costs/);
      const name = Object.keys(before).find((file) => /search-[0-9a-f]+\/search\.json$/.test(file))!;
      checkCosts(SearchResult.parse(JSON.parse(await readFile(join(one, "data", name), "utf8"))));
      const refused = await runClimb(one, "propose", "data/runs/tiny", "--quiet");
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /search\.cheaper names proxies of several costs/);
      assert.match(second.stdout, /domain_0/);
      assert.match(second.stdout, /bits per byte/);

      const again = await runClimb(one, "run", "tiny.yaml", "workers=2");
      assert.equal(again.code, 0, again.stderr);
      assert.doesNotMatch(again.stderr, /done in/);
      assert.equal(again.stderr.match(/reused/g)?.length, 11);
      assert.deepEqual({ ...(await snapshot(one)), ...resolvedConfig(before) }, before);

      const dry = await runClimb(one, "run", "tiny.yaml", "--dry-run", "search.pool=100");
      assert.equal(dry.code, 0, dry.stderr);
      assert.equal(dry.stdout.match(/ reuse /g)?.length, 8);
      assert.match(dry.stdout, /^search +run +\d/m);
      assert.match(dry.stdout, /3 stages to run/);
      assert.match(
        await readFile(join(one, "data", "runs", "tiny", "events.jsonl"), "utf8"),
        /"event":"run"/,
      );
    }),
  ));

/** Twelve trials' worth is spent on both proxies; what the search's own measured, the cheaper one did too. */
function checkCosts({ cheaper, rounds, trials }: SearchResult): void {
  const own = rounds.flatMap((round) => round.trials);
  const [tier] = cheaper;
  assert.deepEqual([cheaper.length, tier!.cost, rounds[0]!.trials.length], [1, 0.2, 4]);
  const measured = new Set(tier!.trials.map(({ weights }) => mixtureKey(weights)));
  assert.equal(measured.size, tier!.trials.length);
  assert.ok(measured.size > own.length);
  const spent = own.length + tier!.cost * tier!.trials.length;
  assert.ok(spent > 10 && spent < 12 + 1e-9, String(spent));
  const weightsOf = new Map(trials.map(({ key, weights }) => [key, weights]));
  assert.ok(own.every((key) => measured.has(mixtureKey(weightsOf.get(key)!))));
}

/** The number of workers is in the resolved config and nowhere else. */
function resolvedConfig(hashes: Record<string, string>): Record<string, string> {
  const name = "runs/tiny/config.resolved.yaml";
  return { [name]: hashes[name]! };
}
