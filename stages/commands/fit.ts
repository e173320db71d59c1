/**
 * `climb fit RUNS`: proxy runs made elsewhere, fitted: which predictor orders them best, and which mixture it would choose.
 *
 *   in    a folder of RegMix's, olmix's or NVIDIA's recipe (see pipeline/interop)
 *   out   fit.json, and weights.json: its mixture (topAverage) as domain to share, which climb materialize --weights takes
 */
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { writeFileAtomic } from "../../pipeline/core/atomic-file.ts";
import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import { hashFile } from "../../pipeline/core/hash.ts";
import { importRuns } from "../../pipeline/interop/import-runs.ts";
import type { Better, ProxyRun, ProxyRuns } from "../../pipeline/interop/proxy-runs.ts";
import { readPrior } from "../../pipeline/interop/read-prior.ts";
import { exactWeights } from "../../pipeline/manifest/exact-weights.ts";
import { Random } from "../../pipeline/math/random.ts";
import { mean, r2, rmse, spearman } from "../../pipeline/math/stats.ts";
import { allowMixtures } from "../../pipeline/mixture/allowed.ts";
import { limitsFromCaps } from "../../pipeline/mixture/limits.ts";
import { createSampler } from "../../pipeline/mixture/sampler.ts";
import type { FittedObjective } from "../../pipeline/predictor/choose.ts";
import { SamplerConfig } from "../../pipeline/schema/search-config.ts";
import { chooseCandidates, fitCandidates } from "./fit-candidates.ts";
import { type Fit, type FittedMixture, fitText, type Score } from "./fit-result.ts";
import { toolVersion } from "../parts/tool-version.ts";

export interface FitOptions {
  /** Measures whose mean is the objective; all if left out. */
  readonly target?: readonly string[];
  /** Separated by commas. */
  readonly predictors?: string;
  readonly prior?: string;
  readonly maxRepetition?: number;
  readonly better?: Better;
  readonly pool: number;
  readonly average: number;
  readonly folds: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** What cross-validation needs. */
const minimumRuns = 4;

export async function fitCommand(path: string, options: FitOptions, signal: AbortSignal): Promise<void> {
  if (options.average > options.pool) {
    throw new ConfigError(`--average ${options.average} should be <= --pool ${options.pool}`);
  }
  const runs = await importRuns(path, {
    ...(options.target !== undefined && { targets: options.target }),
    ...(options.better !== undefined && { better: options.better }),
  });
  const fit = await fitRuns(path, runs, options, signal);
  const dir = resolve(options.out ?? join("data", "fits", basename(resolve(path))));
  const text = `${JSON.stringify(fit, undefined, 2)}\n`;
  await writeFileAtomic(join(dir, "fit.json"), text);
  const weights = Object.fromEntries(fit.domains.map((domain, i) => [domain, fit.topAverage.weights[i]]));
  await writeFileAtomic(join(dir, "weights.json"), `${JSON.stringify(weights, undefined, 2)}\n`);
  const wrote = ["fit.json", "weights.json"].map((name) => `  ${join(dir, name)}\n`);
  process.stdout.write(options.json ? text : `${fitText(fit)}\n\nwrote\n${wrote.join("")}`);
}

async function fitRuns(
  path: string,
  { format, domains, measures, runs, heldOut, ...imported }: ProxyRuns,
  options: FitOptions,
  signal: AbortSignal,
): Promise<Fit> {
  if (runs.length < minimumRuns || domains.length < 2) {
    throw new InputError(
      `${path}: ${runs.length} runs of ${domains.length} domains, where ${minimumRuns} of 2 are the least to fit`,
      "bring in more runs",
    );
  }
  const { pool, average, folds, seed } = options;
  const { unit, better } = measures[0]!;
  // Predictors lower a loss: what is better when higher changes its sign on the way in and out.
  const sign = better === "higher" ? -1 : 1;
  const random = new Random(seed).fork("fit");
  const prior = await priorShares(options, domains);
  const { candidates, notes } = chooseCandidates(options.predictors, runs.length, measures.length);
  const trials = runs.map(({ id, weights, values }) => ({
    key: id,
    weights: [...weights],
    losses: measures.map(({ name }, i) => ({ target: name, loss: sign * values[i]! })),
  }));
  const targetWeights = new Map(measures.map(({ name }) => [name, 1]));
  const fitted = await fitCandidates(candidates, { trials, targetWeights, folds, random }, signal);
  const best = fitted[0]!;
  if (best.constant) {
    notes.unshift(
      `ALARM: ${best.chosen} predicts the same for every run: do not go by it, measure more runs`,
    );
  }

  const top = bestOfPool(best, prior, options, random.fork("pool"));
  const topMean = domains.map((_, i) => mean(top.map((weights) => weights[i]!)));
  const mixture = (weights: ArrayLike<number>): FittedMixture => ({
    weights: exactWeights(weights, 6),
    predicted: sign * best.objective(weights),
  });
  const bestRun = runs.reduce((least, run) =>
    sign * mean(run.values) < sign * mean(least.values) ? run : least,
  );
  return {
    schemaVersion: 1,
    toolVersion,
    format,
    files: await describe(path, imported.files),
    options: { pool, average, folds, seed, maxRepetition: options.maxRepetition ?? null },
    domains,
    objective: { targets: measures.map(({ name }) => name), unit, better },
    runs: runs.length,
    predictors: fitted.map(({ chosen, scores: [score] }) => ({
      predictor: chosen,
      spearman: score!.spearman,
      r2: score!.r2,
      rmse: score!.rmse,
    })),
    chosen: best.chosen,
    heldOut: heldOut.length === 0 ? null : { runs: heldOut.length, ...scoreOn(heldOut, best, sign) },
    prior: mixture(prior),
    bestMeasured: { run: bestRun.id, measured: mean(bestRun.values), ...mixture(bestRun.weights) },
    predictedBest: mixture(top[0]!),
    topAverage: mixture(topMean),
    notes: [...imported.notes, ...notes],
  };
}

async function priorShares(
  { prior, maxRepetition }: FitOptions,
  domains: readonly string[],
): Promise<Float64Array> {
  if (prior !== undefined) return readPrior(prior, domains);
  if (maxRepetition !== undefined) {
    throw new ConfigError(
      `--max-repetition ${maxRepetition} multiplies the domains' natural shares, which are not known`,
      "give them with --prior FILE",
    );
  }
  return new Float64Array(domains.length).fill(1 / domains.length);
}

/**
 * The `average` best predicted of `pool` Dirichlet draws around the prior, the best first. No weight is above
 * `maxRepetition` times its domain's share; a domain without a share gets none.
 */
function bestOfPool(
  fitted: FittedObjective,
  prior: Float64Array,
  { pool, average, maxRepetition = Number.POSITIVE_INFINITY }: FitOptions,
  random: Random,
): Float64Array[] {
  const domains = prior.length;
  const sampler = SamplerConfig.parse({});
  const caps = prior.map((share) => (share === 0 ? 0 : Math.min(1, maxRepetition * share)));
  const allowed = allowMixtures(limitsFromCaps(prior, caps, sampler.minWeight));
  const draw = createSampler({ prior, allowed, sampler });
  const rows = new Float64Array(pool * domains);
  for (let row = 0; row < pool; row++) rows.set(draw(random), row * domains);
  const predicted = fitted.objectiveAll(rows);
  return [...predicted.keys()]
    .sort((i, j) => predicted[i]! - predicted[j]! || i - j)
    .slice(0, average)
    .map((row) => rows.subarray(row * domains, (row + 1) * domains));
}

function scoreOn(unseen: readonly ProxyRun[], fitted: FittedObjective, sign: number): Score {
  const measured = Float64Array.from(unseen, ({ values }) => sign * mean(values));
  const predicted = fitted.objectiveAll(Float64Array.from(unseen.flatMap(({ weights }) => weights)));
  return {
    spearman: spearman(measured, predicted),
    r2: r2(measured, predicted),
    rmse: rmse(measured, predicted),
  };
}

async function describe(folder: string, files: readonly string[]): Promise<Fit["files"]> {
  const described: Fit["files"] = [];
  for (const file of files) {
    const { size } = await stat(join(folder, file));
    described.push({ file, bytes: size, sha256: await hashFile(join(folder, file)) });
  }
  return described;
}
