/** The configs that come with the product: each is read and planned, on a corpus of two documents in place of the user's. */
import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { loadConfig } from "../../pipeline/core/load-config.ts";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import { stageNames } from "../../stages/climb.ts";
import { planRun } from "../../stages/commands/dry-run.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { withTempDir } from "../support/temp-dir.ts";

const folder = join(packageRoot, "configs");
const configs = (await readdir(folder)).filter((name) => name.endsWith(".yaml"));

for (const name of configs) {
  await test(`${name} is read, and every stage of it planned`, () =>
    withTempDir(async (dir) => {
      const files = join(dir, "two.jsonl");
      await writeFile(files, `{"text": "some text"}\n{"text": "and some other"}\n`);
      const own = await loadConfig(join(folder, name));
      // What only lies on a user's disk: the corpus, the classifiers, an earlier run.
      const config = await loadConfig(join(folder, name), [
        `corpus.sources=[{name: web, files: ${files}}]`,
        `targets=${JSON.stringify(own.targets.map((target) => ({ ...target, files: [files] })))}`,
        "domains.quality.classifiers=[]",
        "recluster=null",
      ]);
      const planned = await planRun(
        config,
        {
          artifactsDir: join(dir, "artifacts"),
          executor: new LocalExecutor(1),
          workers: 1,
          progress: () => assert.fail("a plan runs nothing"),
          signal: new AbortController().signal,
        },
        "report",
        join(dir, "timings.jsonl"),
      );
      const stages = new Set(planned.map(({ stage }) => stage));
      const { proxy: searching, confirmProxy, cheaper } = own.search;
      const trains = [searching, confirmProxy, ...cheaper.map(({ proxy }) => proxy)].some(
        (proxy) => proxy !== null && proxy.kind !== "ngram",
      );
      for (const stage of stageNames) {
        assert.equal(stages.has(stage), stage !== "tokens" || trains || own.proxyTokenizer !== null, stage);
      }
      assert.ok(planned.find(({ stage }) => stage === "search")!.cost!.amount > 1000);
    }));
}
assert.ok(configs.length >= 5);
