import { hashJson } from "../core/hash.ts";
import { mean } from "../math/stats.ts";
import { mixtureKey } from "../mixture/key.ts";
import type { Proxy, ProxyTarget } from "../proxy/proxy.ts";
import { accuracy } from "../proxy/questions.ts";
import type { SequenceShape } from "../proxy/token-plan.ts";
import type { Measure } from "../schema/measure.ts";
import { domainsTarget, type Trial } from "../schema/search.ts";
import { domainLosses } from "./domain-losses.ts";
import { scoreLosses } from "./score.ts";
import { targetLoss } from "./target-items.ts";

/** What decides a trial's outcome besides the mixture. */
export interface TrialSetting {
  /** Fingerprints of corpus, targets, split and domains. */
  readonly data: Readonly<Record<string, string>>;
  readonly tokenizer: string;
  readonly budget: { readonly targetTokens: number; readonly proxyTokens: number };
  /** The proxy's kind, version and parameters. */
  readonly proxy: string;
  /** What a step reads, where that is not the proxy's own choice. */
  readonly sequences?: SequenceShape;
  /** Weights of the targets in the objective, and what their losses are. */
  readonly objective: readonly {
    readonly name: string;
    readonly weight: number;
    readonly measure: Measure;
  }[];
  readonly seed: string;
  /** Which text it is measured on. */
  readonly side: "select" | "confirm";
}

export function trialKey(setting: TrialSetting, weights: ArrayLike<number>): string {
  return hashJson({ ...setting, mixture: mixtureKey(weights) });
}

/** Train one proxy, in `keepDir` if it was begun there before, and score it. */
export async function measureTrial(
  proxy: Proxy,
  targets: readonly ProxyTarget[],
  setting: TrialSetting,
  weights: readonly number[],
  signal: AbortSignal,
  keepDir?: string,
): Promise<Trial> {
  const result = await proxy.evaluate(weights, signal, keepDir);
  const losses = result.targets.flatMap(({ name, documentNats }, index) => {
    const target = targets[index]!;
    if (target.domain !== undefined) return [];
    const { measure } = setting.objective.find((of) => of.name === name)!;
    return [targetLoss(target, measure, documentNats)];
  });
  const ofDomains = domainLosses(
    targets,
    result.targets.map(({ documentNats }) => documentNats),
  );
  if (setting.objective.some(({ name }) => name === domainsTarget) && ofDomains.length > 0) {
    losses.push({ target: domainsTarget, loss: mean(ofDomains.map(({ bitsPerByte: bits }) => bits)) });
  }
  const accuracies = result.targets.flatMap(({ name, documentNats }, index) => {
    const score = accuracy(targets[index]!, documentNats);
    return score === undefined ? [] : [[name, score] as const];
  });
  const taskScores = { ...result.taskScores, ...Object.fromEntries(accuracies) };
  return {
    key: trialKey(setting, weights),
    weights: [...weights],
    losses,
    ...(ofDomains.length > 0 && { domainLosses: ofDomains }),
    objective: scoreLosses(losses, setting.objective),
    drawnTokens: [...result.drawnTokens],
    epochs: [...result.epochs],
    ...(Object.keys(taskScores).length > 0 && { taskScores }),
    ...(result.trainingNats && { trainingNats: result.trainingNats }),
  };
}
