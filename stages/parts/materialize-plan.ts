/** What to materialise: the weights, each domain's budget, how often each document is written, and the shards. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { hashJson } from "../../pipeline/core/hash.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import { drawDocuments, drawEachOnce } from "../../pipeline/materialize/draw.ts";
import { type Format, isTextFormat, tokenBytes } from "../../pipeline/materialize/formats.ts";
import { groupShards, planShards, type ShardPlan } from "../../pipeline/materialize/layout.ts";
import { Random } from "../../pipeline/math/random.ts";
import { largestRemainder } from "../../pipeline/math/simplex.ts";
import type { ShardCommon } from "../materialize.ts";
import { corpusFiles } from "./corpus-files.ts";
import type { MaterializeInputs } from "./materialize-inputs.ts";

/** Raise it when the same request and inputs now write other bytes. */
const version = 1;

export interface MaterializeRequest {
  readonly format: Format;
  /** null writes each document of the domains that have a weight once, domain by domain. */
  readonly tokens: number | null;
  /** Phase whose weights are taken; null for the mixture's own. */
  readonly phase: string | null;
  /** Domain to share, in place of the mixture's own weights; null for these. */
  readonly weights: Readonly<Record<string, number>> | null;
  readonly shardBytes: number;
  /** Tokens of an MDS sample. */
  readonly sequenceTokens: number;
}

export interface MaterializePlan {
  readonly inputs: MaterializeInputs;
  readonly request: MaterializeRequest;
  readonly fingerprint: string;
  readonly weights: readonly number[];
  readonly budgets: readonly number[];
}

/** Nothing is read but the manifest. ConfigError if it has no such phase. */
export function planMaterialize(inputs: MaterializeInputs, request: MaterializeRequest): MaterializePlan {
  const { manifest, corpus, domains } = inputs;
  const weights = weightsOf(inputs, request);
  const budgets =
    request.tokens === null
      ? manifest.domains.map(({ tokens }, i) => (weights[i]! > 0 ? tokens : 0))
      : largestRemainder(weights, request.tokens);
  const fingerprint = hashJson({
    version,
    corpus: corpus.fingerprint,
    domains: domains.fingerprint,
    seed: manifest.lineage.seed,
    tokenizer: manifest.tokenizer,
    weights,
    request,
  });
  return { inputs, request, fingerprint, weights, budgets };
}

function weightsOf(
  { manifest }: MaterializeInputs,
  { phase, weights }: Pick<MaterializeRequest, "phase" | "weights">,
): number[] {
  if (weights !== null) return namedWeights(manifest.domains, weights);
  if (phase === null) return manifest.domains.map(({ weight }) => weight);
  const found = manifest.phases.find(({ name }) => name === phase);
  if (found !== undefined) return found.weights;
  const names = manifest.phases.map(({ name }) => name).join(", ");
  throw new ConfigError(
    `the mixture has no phase '${phase}'`,
    names === "" ? "it has no phases: leave --phase out" : `its phases: ${names}`,
  );
}

/** The shares in the order of the domains; one that is not named gets none. */
function namedWeights(
  domains: readonly { readonly id: string }[],
  weights: Readonly<Record<string, number>>,
): number[] {
  const ids = new Set(domains.map(({ id }) => id));
  const unknown = Object.keys(weights).find((id) => !ids.has(id));
  if (unknown !== undefined) {
    throw new ConfigError(
      `--weights names ${unknown}, which is no domain of the mixture`,
      `its domains: ${[...ids].join(", ")}`,
    );
  }
  const listed = domains.map(({ id }) => weights[id] ?? 0);
  const sum = listed.reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) <= 1e-6) return listed;
  throw new ConfigError(`--weights: the shares sum to ${sum}, which should be 1`, "correct the file");
}

/** Decides how often each document is written (`copies.npy` in workDir), and which shards each process writes. */
export async function drawShards(
  { inputs, request, budgets, weights }: MaterializePlan,
  workDir: string,
): Promise<{ common: ShardCommon; groups: ShardPlan[][] }> {
  const { manifest, corpus, domains } = inputs;
  const rows = { domain: domains.path("row-domain.npy"), tokens: domains.path("row-tokens.npy") };
  const rowDomain = (await readNpy(rows.domain)).data as Int32Array;
  const rowTokens = (await readNpy(rows.tokens)).data as Uint32Array;
  const draw =
    request.tokens === null
      ? drawEachOnce(
          rowDomain,
          weights.map((weight) => weight > 0),
        )
      : drawDocuments(
          { rowDomain, rowTokens },
          manifest.domains.map(({ id }, i) => ({ id, budgetTokens: budgets[i]! })),
          {
            lastDocument: isTextFormat(request.format) ? "whole" : "cut",
            seed: new Random(manifest.lineage.seed).fork("materialize/draw"),
          },
        );
  const copies = join(workDir, "copies.npy");
  await mkdir(workDir, { recursive: true });
  await writeNpy(copies, draw.copies, [draw.copies.length]);

  const sizes = manifest.domains.map(({ id, tokens, documents, bytes }, i) => {
    const epochs = tokens === 0 ? 0 : budgets[i]! / tokens;
    return { id, tokens: budgets[i]!, documents: Math.ceil(documents * epochs), textBytes: bytes * epochs };
  });
  const shards = planShards(sizes, request.format, {
    byDomain: request.tokens === null,
    shardBytes: request.shardBytes,
    bytesPerToken: isTextFormat(request.format)
      ? 0
      : tokenBytes(request.format, manifest.tokenizer.vocabularySize),
  });
  const common: ShardCommon = {
    format: request.format,
    tokenizer: inputs.tokenizer,
    seed: manifest.lineage.seed,
    sequenceTokens: request.sequenceTokens,
    shardBytes: request.shardBytes,
    corpus: corpus.name,
    files: corpusFiles(corpus),
    rows: { ...rows, copies },
    cuts: draw.cuts,
    domainIds: manifest.domains.map(({ id }) => id),
  };
  return { common, groups: groupShards(shards, request.shardBytes) };
}
