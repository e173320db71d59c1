/** The finalists on the confirm text, under seeds that nothing which chose them could know. */
import { readFile } from "node:fs/promises";
import { hashJson } from "../../pipeline/core/hash.ts";
import type { StageContext } from "../../pipeline/core/stage.ts";
import { mixtureKey } from "../../pipeline/mixture/key.ts";
import { domainsTarget } from "../../pipeline/schema/search.ts";
import { scaledByDomain } from "../../pipeline/search/domain-losses.ts";
import type { ConfirmMeasurement, ConfirmTarget, Finalist } from "../../pipeline/search/final-table.ts";
import { groupSizes, itemSizes } from "../../pipeline/search/target-items.ts";
import { inShards, type SearchStageConfig } from "./measure-mixtures.ts";
import { type ProxySetting, readTargetGroups, readTargets } from "./trial-shards.ts";

/** Before anything is trained. @throws InputError for a target measured by accuracy that asks nothing on one of the sides */
export async function checkItems(setting: ProxySetting): Promise<void> {
  for (const side of ["select", "confirm"] as const) {
    const streams = await readTargets({ ...setting, side });
    for (const [index, measure] of setting.targets.measures.entries()) itemSizes(streams[index]!, measure);
  }
}

/** Names the list of finalists once it is closed. */
export function closedList(finalists: readonly Finalist[]): string {
  return hashJson(finalists.map(({ name, select }) => [name, select.weights]));
}

/** Fresh seeds that follow from the closed list of finalists: they could not be known to whatever chose them. */
export function confirmSeeds(config: SearchStageConfig, finalists: readonly Finalist[]): string[] {
  const closed = closedList(finalists);
  return Array.from(
    { length: config.search.confirmSeeds },
    (_, index) => `${config.seed}/search/confirm/${closed}/${index}`,
  );
}

/** The finalists on the confirm text, once per fresh seed; those that are the same mixture are measured together. */
export async function measureConfirm(
  proxy: ProxySetting,
  context: StageContext,
  finalists: readonly Finalist[],
  seeds: readonly string[],
  step: string = "confirm",
): Promise<ConfirmMeasurement[][]> {
  const keys = finalists.map(({ select }) => mixtureKey(select.weights));
  const distinct = [...new Set(keys)];
  const mixtures = distinct.map((key) => finalists[keys.indexOf(key)]!.select.weights);
  const chunks = inShards(mixtures, proxy.proxy, mixtures.length);
  const jobs = seeds.map((seed) => chunks.map((chunk) => ({ seed, mixtures: chunk })));
  const parts = await context.shards(step, { ...proxy, side: "confirm" }, jobs.flat());
  const measured = await Promise.all(
    parts.map(
      async (part) =>
        JSON.parse(await readFile(part.files.get("confirm.json")!, "utf8")) as ConfirmMeasurement[],
    ),
  );
  return jobs.map((_, seed) => {
    const ofSeed = measured.slice(seed * chunks.length, (seed + 1) * chunks.length).flat();
    return keys.map((key) => ofSeed[distinct.indexOf(key)]!);
  });
}

/** The confirm text, near duplicates counted as one. */
export async function confirmTargets(
  { targets }: SearchStageConfig,
  proxy: ProxySetting,
): Promise<ConfirmTarget[]> {
  const setting: ProxySetting = { ...proxy, side: "confirm" };
  const groups = await readTargetGroups(setting);
  const streams = await readTargets(setting);
  const weightOf = (name: string) => targets.find((target) => target.name === name)!.weight;
  const confirmed = streams.flatMap((stream, index) =>
    stream.domain === undefined
      ? [
          {
            name: stream.name,
            weight: weightOf(stream.name),
            groupSizes: groupSizes(stream, setting.targets.measures[index]!, groups[index]!),
          },
        ]
      : [],
  );
  if (setting.validation?.inObjective !== true) return confirmed;
  const ofDomains = scaledByDomain(streams, (t) => streams[t]!.documentBytes);
  return [...confirmed, { name: domainsTarget, weight: weightOf(domainsTarget), groupSizes: ofDomains }];
}
