/** How the search stage finds out whether its proxies can tell mixtures apart. */
import type { StageContext } from "../../pipeline/core/stage.ts";
import { proxyIdentity } from "../../pipeline/proxy/create-proxy.ts";
import { sequenceShape } from "../../pipeline/proxy/token-plan.ts";
import { NgramProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import { objectiveUnit } from "../../pipeline/schema/measure.ts";
import type { ProxyCheck, TargetLoss, Trial } from "../../pipeline/schema/search.ts";
import { measuredLosses, type FinalTable, type Finalist } from "../../pipeline/search/final-table.ts";
import { mixtureKey } from "../../pipeline/mixture/key.ts";
import { mean } from "../../pipeline/math/stats.ts";
import { checkProxy } from "../../pipeline/search/proxy-check.ts";
import { inBitsPerByte, scoreLosses } from "../../pipeline/search/score.ts";
import { confirmSeeds, confirmTargets, measureConfirm } from "./measure-finalists.ts";
import type { SearchStageConfig, TrialRunner } from "./measure-mixtures.ts";
import type { ProxySetting } from "./trial-shards.ts";

/** Measured again under further seeds. */
export const repeatedMixtures = 4;
export const furtherSeeds = 2;

/** Measures some of the first round's mixtures again under other seeds, and the natural one by bigrams. */
export async function checkSearchProxy(
  { targets }: Pick<SearchStageConfig, "targets">,
  proxy: ProxySetting,
  firstRound: readonly Trial[],
  natural: Trial,
  runner: (setting: ProxySetting) => Promise<TrialRunner>,
): Promise<ProxyCheck> {
  const repeated = firstRound.slice(0, repeatedMixtures);
  const objective = repeated.map((trial) => [trial.objective]);
  for (let seed = 1; seed <= furtherSeeds; seed++) {
    const measure = await runner({ ...proxy, seed: `${proxy.seed}/noise/${seed}` });
    const again = await measure(repeated.map(({ weights }) => Float64Array.from(weights)));
    again.forEach((trial, index) => objective[index]!.push(trial.objective));
  }
  const bigrams = bigramsOf(proxy);
  const [byBigrams] =
    bigrams === null ? [] : await (await runner(bigrams))([Float64Array.from(natural.weights)]);
  return checkProxy({
    use: "search",
    proxy: proxyIdentity(proxy.proxy),
    unit: objectiveUnit(targets),
    objective,
    others: firstRound.map((trial) => trial.objective),
    bigram:
      byBigrams === undefined
        ? null
        : {
            proxyBitsPerByte: bitsPerByteOf(natural.losses, targets),
            bigramBitsPerByte: bitsPerByteOf(byBigrams.losses, targets),
          },
  });
}

/** What the final table's seeds say of the proxy that measured it; nothing where there is one seed only. */
export async function checkConfirmProxy(
  config: SearchStageConfig,
  proxy: ProxySetting,
  context: StageContext,
  finalists: readonly Finalist[],
  { rows, perSeed }: FinalTable,
): Promise<ProxyCheck[]> {
  const distinct = new Map(finalists.map(({ select }, index) => [mixtureKey(select.weights), index]));
  if (config.search.confirmSeeds < 2 || distinct.size < 2) return [];
  const natural = finalists.findIndex(({ name }) => name === "natural");
  const bigrams = bigramsOf(proxy);
  let bigram: ProxyCheck["bigram"] = null;
  if (bigrams !== null) {
    const text = await confirmTargets(config, bigrams);
    const measured = await measureConfirm(
      bigrams,
      context,
      [finalists[natural]!],
      confirmSeeds(config, finalists),
      "confirmBigram",
    );
    bigram = {
      proxyBitsPerByte: bitsPerByteOf(rows[natural]!.confirmLosses, config.targets),
      bigramBitsPerByte: mean(
        measured.map(([only]) => bitsPerByteOf(measuredLosses(text, only!), config.targets)),
      ),
    };
  }
  const objective = [...distinct.values()].map((index) => perSeed[index]!);
  const unit = objectiveUnit(config.targets);
  return [checkProxy({ use: "confirm", proxy: proxyIdentity(proxy.proxy), unit, objective, bigram })];
}

function bitsPerByteOf(losses: readonly TargetLoss[], targets: SearchStageConfig["targets"]): number {
  return scoreLosses(inBitsPerByte(losses), targets);
}

/** A bigram model that reads what the proxy reads; null for n-gram proxies, which are that and more. */
function bigramsOf(proxy: ProxySetting): ProxySetting | null {
  if (proxy.proxy.kind === "ngram") return null;
  const { warmStart: _, ...setting } = proxy;
  return { ...setting, proxy: NgramProxyConfig.parse({ order: 2 }), sequences: sequenceShape(proxy.proxy) };
}
