/** One process of the benchmark: `node train.worker.js CACHE I/N` does every N-th of the trainings that are missing. */
import { plannedRuns } from "./plan.ts";
import { cachedRun, doRun } from "./runs.ts";
import { prepareSetting } from "./setting.ts";

const [cache = "", part = ""] = process.argv.slice(2);
const [index = 0, of = 1] = part.split("/").map(Number);
const setting = await prepareSetting();
const mine = plannedRuns(setting.mixtures.length).filter((_, run) => run % of === index);
for (const [done, run] of mine.entries()) {
  if ((await cachedRun(cache, setting, run)) !== undefined) continue;
  await doRun(cache, setting, run);
  process.stderr.write(`${run.model} on mixture ${run.mixture}: ${done + 1} of ${mine.length}\n`);
}
