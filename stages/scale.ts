/**
 * Stage 8b, when asked for: does the gain last? Natural, found and best measured are trained at growing sizes under fresh
 * seeds each, on the confirm text, and the gap is followed to the target's size.
 *
 *   in    what the search read, and what it found
 *   out   scale.json
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "../pipeline/core/artifact.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { proxyIdentity } from "../pipeline/proxy/create-proxy.ts";
import type { ProxyConfig } from "../pipeline/schema/proxy-config.ts";
import type { ScaleConfig } from "../pipeline/schema/scale-config.ts";
import { ScaleResult } from "../pipeline/schema/scale.ts";
import { withUnit } from "../pipeline/schema/measure.ts";
import { SearchResult } from "../pipeline/schema/search.ts";
import { confirmObjective, standardError } from "../pipeline/search/final-table.ts";
import { scaleFinalists } from "../pipeline/search/scale-finalists.ts";
import { describeTrend, type RungGaps, scaleTrend } from "../pipeline/search/scale-trend.ts";
import { closedList, confirmTargets, measureConfirm } from "./parts/measure-finalists.ts";
import {
  proxySetting,
  type SearchInputs,
  type SearchStageConfig,
  tokensOf,
  withWarmStart,
} from "./parts/measure-mixtures.ts";
import type { SearchStageResult } from "./search.ts";
import { runAsScript } from "./parts/shard-main.ts";
import { confirm, warmStart } from "./parts/trial-shards.ts";

interface ScaleStageConfig {
  readonly searching: SearchStageConfig;
  readonly scale: ScaleConfig;
}

type ScaleInputs = SearchInputs & { search: Artifact<SearchStageResult> };

interface Rung {
  readonly tokens: number;
  readonly proxy: ProxyConfig;
}

/** Steps are named for their rung, so that what is done of one stays when another is interrupted. */
const mostRungs = 8;
const rungNames = Array.from({ length: mostRungs }, (_, rung) => `rung${rung}` as const);

export const scale: Stage<ScaleStageConfig, ScaleInputs, ScaleResult> = {
  name: "scale",
  version: 3,
  entry: import.meta.filename,
  result: ScaleResult,
  recorded: ({ searching: { targets, budget, seed, search }, scale: { enabled: _, ...asked } }) => ({
    targets,
    budget,
    seed,
    objective: search.objective,
    scale: asked,
    proxies: rungsOf(search.confirmProxy ?? search.proxy, budget, asked.rungs).map(({ tokens, proxy }) => [
      tokens,
      proxyIdentity(proxy),
    ]),
  }),
  steps: {
    ...Object.fromEntries(rungNames.map((name) => [name, confirm])),
    ...Object.fromEntries(rungNames.map((name) => [`${name}WarmStart`, warmStart])),
  },

  async run({ searching, scale }, inputs, context) {
    const result = SearchResult.parse(JSON.parse(await readFile(inputs.search.path("search.json"), "utf8")));
    const finalists = scaleFinalists(result);
    const names = finalists.map(({ name }) => name);
    const closed = closedList(finalists);
    const { search, budget, seed } = searching;

    const rungs = rungsOf(search.confirmProxy ?? search.proxy, budget, scale.rungs);
    const gaps = new Map<string, RungGaps[]>(names.map((name) => [name, []]));
    for (const [index, { tokens, proxy }] of rungs.entries()) {
      const name = rungNames[index]!;
      const plain = proxySetting(searching, inputs, proxy);
      const sized = { ...plain, budget: { ...plain.budget, proxyTokens: tokens } };
      const setting = await withWarmStart(sized, `${name}WarmStart`, context);
      const seeds = Array.from({ length: scale.seeds }, (_, i) => `${seed}/scale/${closed}/${tokens}/${i}`);
      const text = await confirmTargets(searching, setting);
      const measured = await measureConfirm(setting, context, finalists, seeds, name);
      for (const [finalist, of] of names.entries()) {
        gaps.get(of)!.push({
          tokens,
          proxy: proxyIdentity(proxy),
          bySeed: measured.map((ofSeed) => {
            const reference = search.objective === "worst" ? ofSeed[0]! : undefined;
            return (
              confirmObjective(text, ofSeed[finalist]!, reference) -
              confirmObjective(text, ofSeed[0]!, reference)
            );
          }),
        });
      }
      context.progress({
        event: "note",
        stage: "scale",
        text: `${tokens} tokens: found minus natural ${withUnit(
          gaps
            .get("found")!
            .at(-1)!
            .bySeed.map((gap) => gap.toFixed(4))
            .join(", "),
          result.unit,
        )}`,
      });
    }
    // Where the table does not hold the best measured, found's stands for it: they are about the same text.
    const row = (name: string) => result.final.find((of) => of.name === name);
    const trends = (["found", "best-measured"] as const).map((name) =>
      scaleTrend(
        name,
        gaps.get(name)!,
        standardError((row(name) ?? row("found")!).differenceInterval),
        budget.targetTokens,
        scale.confidence,
      ),
    );
    const scaled: ScaleResult = {
      confidence: scale.confidence,
      trends,
      text: describeTrend(trends[0]!, scale.confidence),
    };
    await writeFile(join(context.outDir, "scale.json"), `${JSON.stringify(scaled, undefined, 2)}\n`);
    return scaled;
  },
};

/** The rungs asked for; or three around the final table's own size, none larger than the target's run. */
function rungsOf(
  proxy: ProxyConfig,
  budget: SearchStageConfig["budget"],
  asked: ScaleConfig["rungs"],
): Rung[] {
  if (asked !== null)
    return asked.slice(0, mostRungs).map((rung) => ({ tokens: rung.tokens, proxy: rung.proxy ?? proxy }));
  const largest = Math.min(budget.targetTokens, 4 * tokensOf(proxy, budget));
  return [1 / 16, 1 / 4, 1].map((share, rung) => ({
    tokens: Math.max(1, Math.round(largest * share)),
    proxy:
      proxy.kind === "transformer"
        ? { ...proxy, width: widthOf(proxy, 2 ** (rung - 1)), tokens: null }
        : proxy,
  }));
}

/** A width near `times` the given one that the heads divide evenly. */
function widthOf(
  { width, heads }: { readonly width: number; readonly heads: number },
  times: number,
): number {
  const unit = 2 * heads;
  return Math.max(unit, Math.round((width * times) / unit) * unit);
}

runAsScript(scale);
