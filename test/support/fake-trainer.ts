/**
 * An external trainer in a few lines: bigram counts with one added, read step by step along the plan. `--fault NAME` breaks
 * the protocol in the way of that name.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readNpy } from "../../pipeline/core/npy.ts";
import type { TrainerRequest } from "../../pipeline/proxy/external/protocol.ts";

const { values } = parseArgs({
  options: {
    request: { type: "string" },
    out: { type: "string" },
    fault: { type: "string" },
    pace: { type: "string" },
  },
});
const { request: requestPath = "", out = "", fault = "", pace = "0" } = values;
const request = JSON.parse(readFileSync(requestPath, "utf8")) as TrainerRequest;
const checkpoint = join(out, "counts.json");
const marker = join(out, "once");
if (fault === "exit-3") {
  process.stderr.write("out of luck\n");
  process.exit(3);
}
if (fault === "fails-once" && !existsSync(marker)) {
  writeFileSync(marker, "");
  process.exit(1);
}
if (fault === "no-result") process.exit(0);
if (fault === "hang") {
  process.on("SIGTERM", () => {});
  await sleep(600_000);
}
let stop = false;
process.on("SIGTERM", () => {
  if (fault === "ignores-sigterm") return;
  if (fault === "dies-on-sigterm") process.exit(1);
  stop = true;
});
const { vocabularySize, endOfDocument } = request.tokenizer;
const { contextTokens, batchSequences, steps, tokens: budgetTokens } = request.budget;
const domains = await Promise.all(request.domains.map(async ({ tokens }) => (await readNpy(tokens)).data));
const { data: sequences } = await readNpy(request.sequences);
let counts = Array.from({ length: vocabularySize ** 2 }, () => 1);
let step = 0;
if (request.startFrom !== null && fault !== "ignores-start")
  ({ counts } = JSON.parse(readFileSync(request.startFrom, "utf8")) as { counts: number[] });
if (existsSync(checkpoint))
  ({ step, counts } = JSON.parse(readFileSync(checkpoint, "utf8")) as { step: number; counts: number[] });
writeFileSync(join(out, "started"), "");
for (; step < steps; step++) {
  if (Number(pace) > 0) await sleep(Number(pace));
  if (stop) {
    writeFileSync(checkpoint, JSON.stringify({ step, counts }));
    process.exit(75);
  }
  for (let s = step * batchSequences; s < (step + 1) * batchSequences; s++) {
    const [domain, position] = [sequences[2 * s]!, sequences[2 * s + 1]!];
    const tokens = domains[domain]!;
    const { poolStart, poolTokens } = request.domains[domain]!;
    const token = (t: number) => tokens[(poolStart + ((position + t) % poolTokens)) % tokens.length]!;
    for (let t = 0; t < contextTokens; t++) counts[token(t) * vocabularySize + token(t + 1)]!++;
  }
}
const totals = Array.from({ length: vocabularySize }, (_, token) =>
  counts.slice(token * vocabularySize, (token + 1) * vocabularySize).reduce((sum, count) => sum + count, 0),
);
const targets = await Promise.all(
  request.targets.map(async (target) => {
    const { data: tokens } = await readNpy(target.tokens);
    const { data: ends } = await readNpy(target.documentEnds);
    const given = target.contextTokens === null ? undefined : (await readNpy(target.contextTokens)).data;
    const documentNats = Array.from(ends, (end, d) => {
      const start = d === 0 ? 0 : ends[d - 1]!;
      let nats = fault === "differs" ? Math.random() : 0;
      for (let i = start + (given?.[d] ?? 0); i < end; i++) {
        const before = i === start ? endOfDocument : tokens[i - 1]!;
        nats -= Math.log(counts[before * vocabularySize + tokens[i]!]! / totals[before]!);
      }
      return nats;
    });
    return { name: target.name, documentNats };
  }),
);
const result = {
  formatVersion: 1,
  requestHash: fault === "wrong-hash" ? "0".repeat(64) : request.requestHash,
  tokensSeen: fault === "short" ? budgetTokens - 1 : budgetTokens,
  seconds: 0,
  targets,
  taskScores: { made_up: 1 / totals[0]! },
};
const text = JSON.stringify(result);
const path = join(out, "result.json");
if (fault === "torn") writeFileSync(path, text.slice(0, text.length / 2));
else if (fault === "nan") writeFileSync(path, text.replace(/("documentNats":\[)[^,\]]+/, "$1NaN"));
else if (fault === "in-place") writeFileSync(path, text);
else {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}
