/**
 * Do cheap proxies rank mixtures as a larger model does that trains longer? Spearman correlation over 48 mixtures with 95 %
 * intervals (mixtures resampled, the same for all), and regret: what the proxy's favourite loses to the best mixture.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { percentileInterval, resampleIndices } from "../../pipeline/math/bootstrap.ts";
import { Random } from "../../pipeline/math/random.ts";
import { mean, quantile, spearman } from "../../pipeline/math/stats.ts";
import { createNgramProxy } from "../../pipeline/proxy/ngram/create-ngram-proxy.ts";
import { bitsPerByte } from "../../pipeline/proxy/proxy.ts";
import { NgramProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import type { BenchRow } from "./bench-row.ts";
import { firstSeed, plannedRuns, proxies, reference, repeatedMixtures, secondSeed } from "./fidelity/plan.ts";
import { cachedRun } from "./fidelity/runs.ts";
import { prepareSetting, referenceTokens, type Setting } from "./fidelity/setting.ts";

/** Median over in-domain targets that tier 2 should reach, if the reference model's own noise allows it. */
const gate = 0.85;
const resamples = 2000;

/** By target, then mixture: bits per byte. */
type Losses = ReadonlyMap<string, readonly number[]>;

/**
 * @param options workers=2 processes that train; cache=DIR for what they have trained, which may be done in pieces (Ctrl-C,
 *   then again); train=no to judge what is there
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const cache = options["cache"] ?? join(packageRoot, "data", "bench", "fidelity-cache");
  const setting = await prepareSetting();
  if (options["train"] !== "no") await trainAll(cache, Number(options["workers"] ?? 2));
  const { losses: large, cpuSeconds: largeSeconds } = await trained(cache, setting, "reference", firstSeed);
  const { losses: again } = await trained(cache, setting, "reference", secondSeed, repeatedMixtures);

  const rivals = new Map<string, { losses: Losses; cpuSeconds: number }>();
  for (const order of [2, 3]) rivals.set(`tier 1, order ${order}`, await ngramLosses(setting, order));
  rivals.set("linear score", await linearScores(setting));
  for (const name of Object.keys(proxies)) rivals.set(name, await trained(cache, setting, name, firstSeed));

  const ceiling = ceilingRows(setting, large, again);
  const rows = [...rivals].flatMap(([name, { losses, cpuSeconds }]) =>
    rivalRows(setting, name, losses, large, cpuSeconds, ceiling.median),
  );
  return [
    ...rows,
    ...pairedRows(setting, rivals, large),
    ...ceiling.rows,
    row("reference model", "CPU seconds a mixture", "s", largeSeconds),
  ];
}

async function trainAll(cache: string, workers: number): Promise<void> {
  const script = join(import.meta.dirname, "fidelity", "train.worker.js");
  const children = Array.from({ length: workers }, (_, i) =>
    spawn(process.execPath, [script, cache, `${i}/${workers}`], { stdio: "inherit" }),
  );
  for (const child of children) {
    const [code] =
      child.exitCode === null ? ((await once(child, "close")) as [number | null]) : [child.exitCode];
    if (code !== 0)
      throw new Error(`a training process ended with ${code}; run the benchmark again to go on`);
  }
}

async function trained(
  cache: string,
  setting: Setting,
  model: string,
  seed: string,
  mixtures = setting.mixtures.length,
): Promise<{ losses: Losses; cpuSeconds: number }> {
  const runs = plannedRuns(setting.mixtures.length).filter((run) => run.model === model && run.seed === seed);
  const measured = await Promise.all(runs.slice(0, mixtures).map((run) => cachedRun(cache, setting, run)));
  const missing = measured.filter((one) => one === undefined).length;
  if (missing > 0) throw new Error(`${model}: ${missing} of ${mixtures} mixtures are not trained yet`);
  return {
    losses: new Map(
      setting.targets.map(({ name }) => [name, measured.map((one) => one!.bitsPerByte[name]!)]),
    ),
    cpuSeconds: mean(measured.map((one) => one!.cpuSeconds)),
  };
}

/** Tier 1 at the reference model's own budget and pools. */
async function ngramLosses(setting: Setting, order: number): Promise<{ losses: Losses; cpuSeconds: number }> {
  const config = NgramProxyConfig.parse({ order });
  const proxy = createNgramProxy(ngramInput(setting), config);
  const before = process.cpuUsage();
  const measured: number[][] = [];
  for (const mixture of setting.mixtures) measured.push(await targetLosses(setting, proxy, mixture));
  const { user, system } = process.cpuUsage(before);
  return { losses: byTarget(setting, measured), cpuSeconds: (user + system) / 1e6 / setting.mixtures.length };
}

/** Sum over domains of weight times the loss of that domain's bigram model: what a score without a model of mixing knows. */
async function linearScores(setting: Setting): Promise<{ losses: Losses; cpuSeconds: number }> {
  const proxy = createNgramProxy(ngramInput(setting), NgramProxyConfig.parse({ order: 2 }));
  const single = await Promise.all(
    setting.domains.map((_, k) =>
      targetLosses(
        setting,
        proxy,
        setting.domains.map((_, j) => (j === k ? 1 : 0)),
      ),
    ),
  );
  const scores = setting.mixtures.map((mixture) =>
    setting.targets.map((_, t) => mixture.reduce((sum, weight, k) => sum + weight * single[k]![t]!, 0)),
  );
  return { losses: byTarget(setting, scores), cpuSeconds: 0 };
}

function ngramInput({ vocabularySize, endOfDocument, domains, targets }: Setting) {
  const budget = { targetTokens: referenceTokens, proxyTokens: null };
  const seed = new Random(firstSeed);
  return { vocabularySize, endOfDocument, domains: [...domains], targets: [...targets], budget, seed };
}

async function targetLosses(
  { targets }: Setting,
  proxy: ReturnType<typeof createNgramProxy>,
  mixture: ArrayLike<number>,
): Promise<number[]> {
  const found = await proxy.evaluate(mixture);
  return found.targets.map(({ documentNats }, t) => bitsPerByte(documentNats, targets[t]!.documentBytes));
}

function byTarget({ targets }: Setting, measured: readonly (readonly number[])[]): Losses {
  return new Map(targets.map(({ name }, t) => [name, measured.map((losses) => losses[t]!)]));
}

/** Each target, and the mean over all of either kind. */
function goals({ targets, inDomain }: Setting) {
  const names = targets.map(({ name }) => name);
  const inside = names.filter((name) => inDomain.has(name));
  const outside = names.filter((name) => !inDomain.has(name));
  return { inside, outside };
}

function averageOf(losses: Losses, names: readonly string[]): number[] {
  return losses.get(names[0]!)!.map((_, m) => mean(names.map((name) => losses.get(name)![m]!)));
}

/** Median over targets of Spearman's correlation, on the given mixtures. */
function medianRank(
  losses: Losses,
  large: Losses,
  names: readonly string[],
  mixtures: ArrayLike<number>,
): number {
  const pick = (values: readonly number[]) => Array.from(mixtures, (m) => values[m]!);
  return quantile(
    names.map((name) => spearman(pick(losses.get(name)!), pick(large.get(name)!))),
    0.5,
  );
}

function rivalRows(
  setting: Setting,
  name: string,
  losses: Losses,
  large: Losses,
  cpuSeconds: number,
  ceiling: number,
): BenchRow[] {
  const { inside, outside } = goals(setting);
  const all = setting.mixtures.map((_, m) => m);
  const rows: BenchRow[] = [];
  for (const [kind, names] of [
    ["in-domain", inside],
    ["out-of-domain", outside],
  ] as const) {
    const found = medianRank(losses, large, names, all);
    const random = new Random("bench/fidelity/resamples");
    const resampled = Array.from({ length: resamples }, () =>
      medianRank(losses, large, names, resampleIndices(all.length, random)),
    );
    const { low, high } = percentileInterval(resampled);
    const gated = name === "tier 2" && kind === "in-domain" ? Math.min(gate, ceiling) : null;
    rows.push(
      row(`${name}, ${kind} targets`, `median Spearman of ${names.length}`, "", found, gated),
      row(`${name}, ${kind} targets`, "95 % interval, low", "", low),
      row(`${name}, ${kind} targets`, "95 % interval, high", "", high),
    );
    const each = names.map((target) => spearman(losses.get(target)!, large.get(target)!));
    rows.push(
      row(`${name}, ${kind} targets`, "lowest Spearman", "", Math.min(...each)),
      row(`${name}, ${kind} targets`, "highest Spearman", "", Math.max(...each)),
    );
    const [own, theirs] = [averageOf(losses, names), averageOf(large, names)];
    const favourite = own.indexOf(Math.min(...own));
    rows.push(
      row(`${name}, mean of ${kind} targets`, "Spearman", "", spearman(own, theirs)),
      row(
        `${name}, mean of ${kind} targets`,
        "regret",
        "bits per byte",
        theirs[favourite]! - Math.min(...theirs),
      ),
    );
    const regrets = names.map((target) => {
      const [mine, real] = [losses.get(target)!, large.get(target)!];
      return real[mine.indexOf(Math.min(...mine))]! - Math.min(...real);
    });
    rows.push(row(`${name}, ${kind} targets`, "mean regret", "bits per byte", mean(regrets)));
  }
  rows.push(row(name, "CPU seconds a mixture", "s", cpuSeconds));
  return rows;
}

/** Tier 2 against each other proxy, on the same resampled mixtures. */
function pairedRows(
  setting: Setting,
  rivals: ReadonlyMap<string, { losses: Losses }>,
  large: Losses,
): BenchRow[] {
  const { inside } = goals(setting);
  const count = setting.mixtures.length;
  const ours = rivals.get("tier 2")!.losses;
  return [...rivals].flatMap(([name, { losses }]) => {
    if (name === "tier 2") return [];
    const random = new Random("bench/fidelity/paired");
    const differences = Array.from({ length: resamples }, () => {
      const mixtures = resampleIndices(count, random);
      return medianRank(ours, large, inside, mixtures) - medianRank(losses, large, inside, mixtures);
    });
    const { low, high } = percentileInterval(differences);
    const what = `tier 2 minus ${name}, in-domain targets`;
    return [
      row(what, "median Spearman, 95 % interval of the difference, low", "", low),
      row(what, "median Spearman, 95 % interval of the difference, high", "", high),
    ];
  });
}

/** How well the reference model ranks like itself with another seed: no proxy can be expected to do better. */
function ceilingRows(setting: Setting, large: Losses, again: Losses): { rows: BenchRow[]; median: number } {
  const { inside, outside } = goals(setting);
  const first = new Map([...large].map(([name, losses]) => [name, losses.slice(0, repeatedMixtures)]));
  const mixtures = Array.from({ length: repeatedMixtures }, (_, m) => m);
  const median = medianRank(again, first, inside, mixtures);
  const { width, layers, budgetTokens } = reference;
  const name = `reference model (width ${width}, ${layers} layers, ${budgetTokens} tokens), another seed, ${repeatedMixtures} mixtures`;
  return {
    median,
    rows: [
      row(name, `median Spearman of ${inside.length} in-domain targets`, "", median),
      row(
        name,
        `median Spearman of ${outside.length} out-of-domain targets`,
        "",
        medianRank(again, first, outside, mixtures),
      ),
    ],
  };
}

function row(of: string, metric: string, unit: string, ours: number, target: number | null = null): BenchRow {
  const met = target === null ? null : ours >= target;
  return { case: of, metric, unit, ours, peer: null, peerName: null, ratio: null, target, met };
}
