/**
 * Stage 8: find the domain weights (paper, section 3.2).
 *
 *   in    the corpus and targets as tokens, their split, the domains
 *   out   search.json   every round, every trial, the final table on held-out text, the verdict
 *
 * The loop itself is pipeline/search/climb-search.ts; here it gets its parts: the sampler with its
 * constraints, proxies that run by shards, and the trial ledger that makes any interruption harmless.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../pipeline/core/errors.ts";
import { withLock } from "../pipeline/core/run-lock.ts";
import type { Stage, StageContext } from "../pipeline/core/stage.ts";
import { Random } from "../pipeline/math/random.ts";
import { allPredictors, chooseObjective } from "../pipeline/predictor/choose.ts";
import { proxyIdentity } from "../pipeline/proxy/create-proxy.ts";
import { DomainTable } from "../pipeline/schema/domain.ts";
import { objectiveUnit, withUnit } from "../pipeline/schema/measure.ts";
import { Recluster } from "../pipeline/schema/recluster.ts";
import { SearchResult, type Trial } from "../pipeline/schema/search.ts";
import { climbSearch } from "../pipeline/search/climb-search.ts";
import { diagnoseOutcome, flatnessOf, predictFinal } from "../pipeline/search/diagnosis.ts";
import { paretoFront } from "../pipeline/search/pareto.ts";
import { scoreTrials } from "../pipeline/search/score.ts";
import { taskCorrelations } from "../pipeline/search/task-correlations.ts";
import { judge } from "../pipeline/search/verdict.ts";
import { cheaperTiers } from "./parts/cheaper-tiers.ts";
import {
  ledgerPath,
  proxySetting,
  type SearchInputs,
  type SearchStageConfig,
  type TrialRunner,
  trialRunner,
  withWarmStarts,
} from "./parts/measure-mixtures.ts";
import { chooseAnswer, confirmAnswer } from "./parts/search-answer.ts";
import { checkItems } from "./parts/measure-finalists.ts";
import { searchSetting } from "./parts/search-setting.ts";
import { runAsScript } from "./parts/shard-main.ts";
import { checkConfirmProxy, checkSearchProxy } from "./parts/proxy-checks.ts";
import { checkValidation, countValidation } from "./parts/validation-targets.ts";
import { confirm, type ProxySetting, trials, warmStart } from "./parts/trial-shards.ts";

export const SearchStageResult = z.strictObject({ trials: z.int(), verdict: SearchResult.shape.verdict });
export type SearchStageResult = z.infer<typeof SearchStageResult>;

export const search: Stage<SearchStageConfig, SearchInputs, SearchStageResult> = {
  name: "search",
  version: 16,
  entry: import.meta.filename,
  result: SearchStageResult,
  // Weights from elsewhere count by what they say, not by where they lie.
  recorded: ({ search: { shardTrials: _, given: __, prior: ___, ...search }, ...config }) => ({
    ...config,
    search,
    proxy: proxyIdentity(search.proxy),
    cheaper: search.cheaper.map(({ proxy, cost }) => ({ proxy: proxyIdentity(proxy), cost })),
    confirmProxy: search.confirmProxy && proxyIdentity(search.confirmProxy),
  }),
  steps: { trials, confirm, confirmBigram: confirm, warmStart, confirmWarmStart: warmStart },

  run(config, inputs, context) {
    // Searches of other settings over the same domains append to the same ledger.
    return withLock(`${ledgerPath(inputs, context)}.lock`, () => searchDomains(config, inputs, context));
  },
};

/** @throws InputError for fewer than two */
async function readDomains(inputs: SearchInputs): Promise<DomainTable["domains"]> {
  const { domains } = DomainTable.parse(
    JSON.parse(await readFile(inputs.domains.path("domains.json"), "utf8")),
  );
  if (domains.length >= 2) return domains;
  throw new InputError(
    `there is only ${domains.length} domain, so there is nothing to search`,
    "raise domains.merge.domains or cluster.clusters, or lower domains.merge.maxDomainShare",
  );
}

async function searchDomains(
  config: SearchStageConfig,
  inputs: SearchInputs,
  context: StageContext,
): Promise<SearchStageResult> {
  const { search, budget, targets } = config;
  const random = new Random(config.seed).fork("search");
  const domains = await readDomains(inputs);
  const { allowed, space, proposer, given } = searchSetting(domains, budget, search, config.outside);
  const unit = objectiveUnit(targets);
  const note = (text: string) => context.progress({ event: "note", stage: "search", text });
  const setting = proxySetting(config, inputs);
  await checkItems(setting);
  const heldOut = setting.validation && (await countValidation(setting.validation));
  if (setting.validation && heldOut) checkValidation(setting.validation, heldOut, note);
  const cheaper = search.cheaper.map((each) => proxySetting(config, inputs, each.proxy));
  const [proxy, ...cheaperProxies] = await withWarmStarts([setting, ...cheaper], "warmStart", context);
  const measure = await trialRunner(config, inputs, proxy!, context);
  // The worst target is told by its difference to natural, which is measured at the end anyway.
  const reference = search.objective === "worst" ? (await measure([allowed.natural]))[0]!.losses : undefined;
  const evaluate: TrialRunner = async (mixtures) => scoreTrials(await measure(mixtures), targets, reference);

  const carried = await carriedTrials(inputs);
  const targetWeights = new Map(targets.map(({ name, weight }) => [name, weight]));
  const tiers = await cheaperTiers(
    config,
    inputs,
    cheaperProxies,
    space,
    targetWeights,
    context,
    random.fork("prescreen"),
  );
  let registry = allPredictors;
  for (const { name } of given.filter(({ isMoved }) => isMoved)) {
    note(`${name}: its weights break a constraint; the nearest allowed mixture is measured`);
  }
  const outcome = await climbSearch(
    search,
    {
      space,
      proposer,
      given: [...given.map(({ mixture }) => mixture), ...tiers.starts],
      targets: targets.map(({ name }) => name),
      guards: search.guards,
      evaluate,
      cheaper: tiers.proxies,
      fit: (measured, fitRandom, cheaper) => {
        const onTiers = tiers.predictorsOn(cheaper, fitRandom.fork("tiers"));
        registry = { ...allPredictors, ...onTiers };
        const fitted = chooseObjective({
          trials: [...carried, ...measured],
          targetWeights,
          reference,
          candidates: [...search.predictors, ...Object.keys(onTiers)],
          registry,
          folds: search.folds,
          random: fitRandom,
        });
        if (fitted.constant)
          note(`${fitted.chosen} predicts the same for every mixture: the trials do not tell them apart`);
        return fitted;
      },
      onRound: ({ round, trials, bestObjective, chosenPredictor }, cheaper) =>
        note(
          `round ${round}: ${[trials, ...cheaper].map(({ length }) => length).join(" + ")} proxies, best so far ${withUnit(bestObjective.toFixed(4), unit)}; next predictor: ${chosenPredictor}`,
        ),
    },
    random,
  );

  const answer = await chooseAnswer(config, outcome, { allowed, space }, evaluate, random.fork("lottery"));
  const { found, natural, finalists, finalTrials, randomTrials } = answer;
  const { judge: judging, confirmed } = await confirmAnswer(
    config,
    inputs,
    context,
    finalists,
    random.fork("resample"),
  );

  // Noise is the proxy's, whichever the objective is.
  const first = scoreTrials(outcome.trials.slice(0, outcome.rounds[0]!.trials.length), targets);
  const runner = (setting: ProxySetting) => trialRunner(config, inputs, setting, context);
  const proxyChecks = [
    await checkSearchProxy(config, proxy!, first, natural, runner),
    ...(await checkConfirmProxy(config, judging, context, finalists, confirmed)),
  ];
  for (const warning of proxyChecks.flatMap(({ warnings }) => warnings)) note(`warning: ${warning}`);
  const result: SearchResult = {
    objective: search.objective,
    unit,
    domains: domains.map((domain) => domain.id),
    maxWeights: [...allowed.limits.upper],
    naturalWeights: Array.from(allowed.limits.naturalShares),
    rounds: outcome.rounds,
    trials: uniqueByKey([...outcome.trials, ...finalTrials, ...randomTrials]),
    cheaper: tiers.describe(outcome),
    randomTrials: randomTrials.map((trial) => trial.key),
    finalTrials: finalTrials.map((trial) => trial.key),
    foundBy: answer.foundBy,
    paretoTrials: paretoFront(outcome.trials).map((trial) => trial.key),
    diagnosis: diagnoseOutcome(outcome, { targetWeights, reference }, registry, random.fork("diagnosis")),
    flatness: flatnessOf(
      found.weights,
      (rows) => outcome.predictor.objectiveAll(rows),
      allowed.contains,
      confirmed,
    ),
    ...(heldOut && { validationText: heldOut }),
    final: confirmed.rows,
    finalPredictions: predictFinal(confirmed.rows, outcome.predictor),
    verdict: judge(confirmed, search.guards, search.objective, unit),
    proxyChecks,
    taskCorrelations: taskCorrelations(outcome.trials, targets),
  };
  noteTasks(result, note);
  await writeFile(
    join(context.outDir, "search.json"),
    `${JSON.stringify(SearchResult.parse(result), undefined, 2)}\n`,
  );
  return { trials: result.trials.length, verdict: result.verdict };
}

function noteTasks({ taskCorrelations }: SearchResult, note: (text: string) => void): void {
  for (const { task, trials, spearman, best } of taskCorrelations) {
    const correlation =
      spearman === null
        ? "the same for all"
        : `Spearman ${spearman.toFixed(2)} with the targets' bits per byte`;
    note(
      `task ${task}: best score ${best.toFixed(3)}, ${correlation} over ${trials} trials (-1: lower loss, higher score)`,
    );
  }
}

/** What an earlier run measured over domains that these divide; the predictor learns from it, no answer is taken from it. */
async function carriedTrials({
  recluster,
}: SearchInputs): Promise<Pick<Trial, "key" | "weights" | "losses">[]> {
  if (recluster === undefined) return [];
  return Recluster.parse(JSON.parse(await readFile(recluster.path("recluster.json"), "utf8"))).trials.carried;
}

function uniqueByKey(trials: readonly Trial[]): Trial[] {
  return [...new Map(trials.map((trial) => [trial.key, trial])).values()];
}

runAsScript(search);
