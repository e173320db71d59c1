import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { hashFile } from "../../core/hash.ts";
import { type NpyArray, writeNpy } from "../../core/npy.ts";
import { planBatches, type BatchPlan } from "../batch-plan.ts";
import type { ProxyInput } from "../proxy.ts";
import type { SequenceShape } from "../token-plan.ts";
import { hashRequest, requestName, type TrainerRequest } from "./protocol.ts";

/** The .npy files that all requests of one input share. */
export interface SharedFiles {
  readonly domains: readonly string[];
  readonly targets: readonly Pick<
    TrainerRequest["targets"][number],
    "tokens" | "documentEnds" | "contextTokens"
  >[];
  /** sha256 of each. */
  readonly hashes: readonly string[];
}

/** Writes the input's tokens into a folder, but for domains that lie in files already. */
export async function writeShared(folder: string, { domains, targets }: ProxyInput): Promise<SharedFiles> {
  await mkdir(folder, { recursive: true });
  const hashes: string[] = [];
  const place = async (name: string, data: NpyArray, existing?: string): Promise<string> => {
    const path = existing ?? join(folder, `${name}.npy`);
    if (existing === undefined) await writeNpy(path, data, [data.length]);
    hashes.push(await hashFile(path));
    return path;
  };
  const domainFiles: string[] = [];
  for (const [k, { tokens, file }] of domains.entries())
    domainFiles.push(await place(`domain-${k}`, tokens, file));
  const targetFiles: SharedFiles["targets"][number][] = [];
  for (const [t, { tokens, documentEnds, contextTokens }] of targets.entries()) {
    targetFiles.push({
      tokens: await place(`target-${t}`, tokens),
      documentEnds: await place(`target-${t}-ends`, documentEnds),
      contextTokens: contextTokens === undefined ? null : await place(`target-${t}-context`, contextTokens),
    });
  }
  return { domains: domainFiles, targets: targetFiles, hashes };
}

export interface TrainerJob {
  readonly shape: SequenceShape;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tokenizerFolder: string | null;
  readonly initialParameters: string | null;
  readonly startFrom: string | null;
}

/**
 * Plans a mixture and writes its request into a folder of its own below `folder`.
 *
 * @throws as `planBatches`
 */
export async function writeRequest(
  folder: string,
  input: ProxyInput & { readonly endOfDocument: number },
  shared: SharedFiles,
  weights: ArrayLike<number>,
  { shape, settings, tokenizerFolder, initialParameters, startFrom }: TrainerJob,
): Promise<{ request: TrainerRequest; plan: BatchPlan; folder: string }> {
  const { domains, targets, budget, seed, vocabularySize, endOfDocument } = input;
  const plan = planBatches(weights, domains, budget, shape, seed);
  const unnamed = {
    formatVersion: 1 as const,
    seed: seed.fork("trainer").uint32(),
    mixture: Object.fromEntries(domains.map(({ id }, k) => [id, weights[k]!])),
    tokenizer: { vocabularySize, endOfDocument, folder: tokenizerFolder },
    budget: { ...shape, steps: plan.steps, tokens: plan.steps * shape.batchSequences * shape.contextTokens },
    domains: domains.map(({ id }, k) => ({
      id,
      tokens: shared.domains[k]!,
      poolStart: plan.poolStarts[k]!,
      poolTokens: plan.poolTokens[k]!,
      drawnTokens: plan.drawnTokens[k]!,
      epochs: plan.epochs[k]!,
    })),
    targets: targets.map(({ name }, t) => ({ name, ...shared.targets[t]! })),
    initialParameters,
    startFrom,
    settings,
  };
  const contents = [
    ...shared.hashes,
    ...(initialParameters === null ? [] : [await hashFile(initialParameters)]),
  ];
  const requestHash = hashRequest({ ...unnamed, sequences: "" }, contents);
  const own = join(folder, requestHash.slice(0, 16));
  await mkdir(own, { recursive: true });
  const sequences = join(own, "sequences.npy");
  const request: TrainerRequest = { ...unnamed, requestHash, sequences };
  const text = `${JSON.stringify(request, undefined, 2)}\n`;
  // Written anew only if need be: a trainer that a killed run left behind may be reading it.
  if ((await readFile(join(own, requestName), "utf8").catch(() => "")) !== text) {
    const rows = new Uint32Array(2 * plan.sequenceDomains.length);
    plan.sequenceDomains.forEach((domain, i) => rows.set([domain, plan.sequencePositions[i]!], 2 * i));
    await writeNpy(sequences, rows, [plan.sequenceDomains.length, 2]);
    await writeFileAtomic(join(own, requestName), text);
  }
  return { request, plan, folder: own };
}
