/**
 * The search's shards: build the proxy once, train it on each mixture of the shard. Every finished trial goes
 * into the shard's own ledger at once, so a killed shard loses at most the trial it was at.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { InterruptedError } from "../../pipeline/core/errors.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import { Random } from "../../pipeline/math/random.ts";
import { createProxy } from "../../pipeline/proxy/create-proxy.ts";
import type { Proxy, ProxyDomain, ProxyInput, ProxyTarget } from "../../pipeline/proxy/proxy.ts";
import type { SequenceShape } from "../../pipeline/proxy/token-plan.ts";
import type { Measure } from "../../pipeline/schema/measure.ts";
import type { ProxyConfig, TransformerProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import type { ConfirmMeasurement } from "../../pipeline/search/final-table.ts";
import { measureTrial, trialKey, type TrialSetting } from "../../pipeline/search/measure-trial.ts";
import { scaledByDomain } from "../../pipeline/search/domain-losses.ts";
import { groupLosses, targetLoss } from "../../pipeline/search/target-items.ts";
import {
  readDomainStreams,
  readTargetDocuments,
  readTargetStreams,
} from "../../pipeline/search/token-streams.ts";
import { TrialLedger } from "../../pipeline/search/trial-ledger.ts";
import { describeWeights, tellRunning } from "./tell-running.ts";
import { readValidation, type ValidationText } from "./validation-targets.ts";

type TokenFiles = readonly { readonly path: string; readonly rows: number }[];

interface DomainRows {
  readonly files: TokenFiles;
  readonly rowTokens: string;
  readonly rowDomain: string;
  readonly ids: readonly string[];
}

interface DomainShard {
  readonly id: string;
  readonly runTokens: number;
  readonly tokens: string;
  readonly documentEnds: string;
}

/** What a shard needs to build the proxy: everything else is in .npy files. */
export interface ProxySetting {
  readonly vocabularySize: number;
  readonly endOfDocument?: number;
  /** Of the proxies' own tokenizer. */
  readonly tokenizerFolder: string | null;
  /** The run's own tokens, row by row, or the proxies', domain by domain. */
  readonly domains: DomainRows | readonly DomainShard[];
  readonly targets: {
    readonly files: TokenFiles;
    readonly rowTokens: string;
    readonly rowBytes: string;
    readonly rowTarget: string;
    readonly rowSide: string;
    readonly rowGroup: string;
    readonly names: readonly string[];
    /** What each target's loss is. */
    readonly measures: readonly Measure[];
    /** Where rows may be several documents: what each is; rowTokens and rowBytes are not read then. */
    readonly documents?: string;
  };
  /** Text of the corpus that is held out, measured beside the targets. */
  readonly validation?: ValidationText;
  readonly proxy: ProxyConfig;
  /** Draw as a proxy does that reads sequences of this shape; for comparisons on one plan. */
  readonly sequences?: SequenceShape;
  /** float32 parameters that the proxy starts from. */
  readonly warmStart?: string;
  readonly budget: { readonly targetTokens: number; readonly proxyTokens: number };
  /** Decides which documents a part of a domain consists of, their order, and the parameters proxies start from. */
  readonly seed: string;
  readonly side: "select" | "confirm";
}

/** Step trials: measure the shard's mixtures on the text the search sees. */
export async function trials(
  { proxy: proxySetting, setting }: { proxy: ProxySetting; setting: TrialSetting },
  mixtures: number[][],
  { outDir, keepDir, signal, progress, doing }: ShardContext,
): Promise<unknown> {
  const ids = domainIds(proxySetting);
  const tell = tellRunning(doing, proxySetting.proxy.kind !== "ngram");
  const ledger = await TrialLedger.open(join(keepDir, "trials.jsonl"));
  let built: Promise<{ proxy: Proxy; targets: ProxyTarget[] }> | undefined;
  let done = 0;
  const measured = await eachMixture(proxySetting, mixtures, signal, async (weights) => {
    const key = trialKey(setting, weights);
    let trial = ledger.get(key);
    if (trial === undefined) {
      const { proxy, targets } = await (built ??= buildProxy(proxySetting, keepDir));
      const training = join(keepDir, `training-${key.slice(0, 12)}`);
      const what = `trial ${key.slice(0, 12)} (${describeWeights(weights, ids)})`;
      trial = await tell(what, () => measureTrial(proxy, targets, setting, weights, signal, training));
      await ledger.add([trial]);
    }
    progress(++done, mixtures.length);
    return trial;
  });
  await writeFile(join(outDir, "trials.json"), JSON.stringify(measured));
  return { trials: measured.length };
}

/** Step confirm: measure finalists on the confirm text under one fresh seed, group by group. */
export async function confirm(
  setting: ProxySetting,
  { seed, mixtures }: { seed: string; mixtures: number[][] },
  { outDir, keepDir, signal, progress, doing }: ShardContext,
): Promise<unknown> {
  const ids = domainIds(setting);
  const tell = tellRunning(doing, setting.proxy.kind !== "ngram");
  const { proxy, targets } = await buildProxy({ ...setting, seed }, keepDir);
  const groups = await readTargetGroups(setting);
  let done = 0;
  const measured = await eachMixture(setting, mixtures, signal, async (weights, index) => {
    const what = `finalist ${index + 1} (${describeWeights(weights, ids)})`;
    const found = await tell(what, () => proxy.evaluate(weights, signal, join(keepDir, `training-${index}`)));
    progress(++done, mixtures.length);
    const nats = (t: number) => found.targets[t]!.documentNats;
    const losses = setting.targets.measures.map((measure, t) =>
      groupLosses(targets[t]!, measure, groups[t]!, nats(t)),
    );
    const bitsPerByte = setting.targets.measures.flatMap((measure, t) =>
      measure === "accuracy"
        ? [[targets[t]!.name, targetLoss(targets[t]!, measure, nats(t)).bitsPerByte!]]
        : [],
    );
    if (setting.validation?.inObjective === true) {
      losses.push(scaledByDomain(targets, nats).map((value) => value / Math.LN2));
    }
    return { groupLosses: losses, bitsPerByte: Object.fromEntries(bitsPerByte) } satisfies ConfirmMeasurement;
  });
  await writeFile(join(outDir, "confirm.json"), JSON.stringify(measured));
  return { mixtures: measured.length };
}

/** One after the other, or as many at once as an external trainer's config says. Results in the mixtures' order. */
function eachMixture<Measured>(
  { proxy }: ProxySetting,
  mixtures: readonly number[][],
  signal: AbortSignal,
  measure: (weights: number[], index: number) => Promise<Measured>,
): Promise<Measured[]> {
  const limit = pLimit(proxy.kind === "external" ? (proxy.concurrency ?? 1) : 1);
  return Promise.all(
    mixtures.map((weights, index) =>
      limit(() => {
        if (signal.aborted) throw new InterruptedError();
        return measure(weights, index);
      }),
    ),
  );
}

/** Step warmStart: train the model that proxies with a warm start begin from. */
export async function warmStart(
  _common: null,
  setting: ProxySetting & { readonly proxy: TransformerProxyConfig },
  { outDir, keepDir, signal }: ShardContext,
): Promise<unknown> {
  const checkpoint = { folder: join(keepDir, "training"), key: "warm-start" };
  const { trainWarmStart } = await import("../../pipeline/proxy/transformer/create-transformer-proxy.ts");
  const theta = await trainWarmStart(await readInput(setting), setting.proxy, { checkpoint, signal });
  await writeNpy(join(outDir, "theta.npy"), theta, [theta.length]);
  return { parameters: theta.length };
}

/** The targets' text on one side of the split, and then the domains' own where it is measured. */
export async function readTargets(setting: ProxySetting): Promise<ProxyTarget[]> {
  const { validation, side } = setting;
  const targets = await readGivenTargets(setting);
  if (validation === undefined || (side === "confirm" && !validation.inObjective)) return targets;
  return [...targets, ...(await readValidation(validation, side))];
}

async function readGivenTargets(setting: ProxySetting): Promise<ProxyTarget[]> {
  const { targets } = setting;
  if (targets.documents !== undefined) {
    const table = await readUint32(targets.documents);
    return readTargetDocuments(targets.files, table, await rowTargets(setting), targets.names);
  }
  return readTargetStreams(
    { files: targets.files, rowTokens: await readUint32(targets.rowTokens) },
    await rowTargets(setting),
    await readUint32(targets.rowBytes),
    targets.names,
  );
}

/** For every target, the group of near duplicates of each of its documents on that side. */
export async function readTargetGroups(setting: ProxySetting): Promise<number[][]> {
  const { data: rowGroup } = await readNpy(setting.targets.rowGroup);
  const groups: number[][] = setting.targets.names.map(() => []);
  (await rowTargets(setting)).forEach((target, row) => {
    if (target >= 0) groups[target]!.push(rowGroup[row]!);
  });
  return groups;
}

/** The target of each row on the setting's side, -1 for rows on the other. */
async function rowTargets({ targets, side }: ProxySetting): Promise<Int32Array> {
  const { data: rowSide } = await readNpy(targets.rowSide);
  const { data: rowTarget } = await readNpy(targets.rowTarget);
  const wanted = side === "select" ? 0 : 1;
  return Int32Array.from(rowTarget, (target, row) => (rowSide[row] === wanted ? target : -1));
}

async function buildProxy(
  setting: ProxySetting,
  keepDir: string,
): Promise<{ proxy: Proxy; targets: ProxyTarget[] }> {
  const input = await readInput(setting);
  const initial =
    setting.warmStart === undefined ? undefined : ((await readNpy(setting.warmStart)).data as Float32Array);
  const place = { ...(initial && { initial }), folder: keepDir, tokenizerFolder: setting.tokenizerFolder };
  return { proxy: await createProxy(input, setting.proxy, place), targets: input.targets };
}

async function readInput(setting: ProxySetting): Promise<ProxyInput> {
  const { vocabularySize, endOfDocument, sequences, budget, seed } = setting;
  return {
    vocabularySize,
    ...(endOfDocument !== undefined && { endOfDocument }),
    ...(sequences && { sequences }),
    domains: await readDomains(setting),
    targets: await readTargets(setting),
    budget,
    seed: new Random(seed),
  };
}

function domainIds({ domains }: ProxySetting): readonly string[] {
  return "files" in domains ? domains.ids : domains.map(({ id }) => id);
}

async function readDomains({ domains }: ProxySetting): Promise<ProxyDomain[]> {
  if ("files" in domains) {
    const rows = { files: domains.files, rowTokens: await readUint32(domains.rowTokens) };
    return readDomainStreams(rows, (await readNpy(domains.rowDomain)).data as Int32Array, domains.ids);
  }
  return Promise.all(
    domains.map(async ({ id, runTokens, tokens, documentEnds }) => ({
      id,
      runTokens,
      file: tokens,
      tokens: (await readNpy(tokens)).data as Uint16Array | Uint32Array,
      documentEnds: await readUint32(documentEnds),
    })),
  );
}

async function readUint32(path: string): Promise<Uint32Array> {
  return (await readNpy(path)).data as Uint32Array;
}
