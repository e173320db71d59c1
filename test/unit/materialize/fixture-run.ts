/** A finished run as materialising finds it: a manifest and the two artifacts it names, made without running any stage. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { artifactName, fingerprintOf } from "../../../pipeline/core/artifact.ts";
import { describeFiles } from "../../../pipeline/core/marker.ts";
import { writeNpy } from "../../../pipeline/core/npy.ts";
import { ndjsonToParquet } from "../../../pipeline/corpus/ndjson-to-parquet.ts";
import { Random } from "../../../pipeline/math/random.ts";

export interface FixtureDocument {
  readonly id: string;
  readonly text: string;
  /** Index of its domain, or -1. */
  readonly domain: number;
  readonly tokens: Uint16Array;
}

export interface FixtureRun {
  readonly runDir: string;
  readonly artifactsDir: string;
}

/** Documents of 20 to 59 tokens below 50,000, whose text is "w" and the token id for each token; every fifth is in no domain. */
export function wordDocuments(count: number, domains: number, seed = "words"): FixtureDocument[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, row) => {
    const tokens = Uint16Array.from({ length: 20 + random.below(40) }, () => random.below(50_000));
    const domain = row % 5 === 4 ? -1 : random.below(domains);
    return { id: `id-${row}`, text: textOf(tokens), domain, tokens };
  });
}

export function textOf(tokens: Iterable<number>): string {
  return Array.from(tokens, (token) => `w${token}`).join(" ");
}

/** The tokens that `textOf` wrote. */
export function tokensOf(text: string): number[] {
  return text.split(" ").map((word) => Number(word.slice(1)));
}

/**
 * Writes `data/artifacts` and `run/mixture.json` into `dir`.
 *
 * @param files documents of each file of the corpus
 * @param weights of domain_0, domain_1, ...
 */
export async function writeFixtureRun(
  dir: string,
  files: Iterable<readonly FixtureDocument[]>,
  weights: readonly number[],
): Promise<FixtureRun> {
  const artifactsDir = join(dir, "data", "artifacts");
  const domains = weights.map((weight, i) => ({
    id: `domain_${i}`,
    weight,
    tokens: 0,
    documents: 0,
    bytes: 0,
  }));
  const shards: { documents: string; tokens: string; rows: number }[] = [];
  const rowDomain: number[] = [];
  const rowTokens: number[] = [];
  const corpus = await writeArtifact(artifactsDir, "ingest", async (folder) => {
    for (const documents of files) {
      const number = String(shards.length).padStart(5, "0");
      const names = { documents: `documents-${number}.parquet`, tokens: `tokens-${number}.npy` };
      await writeDocuments(join(folder, names.documents), documents);
      await writeTokens(join(folder, names.tokens), documents);
      shards.push({ ...names, rows: documents.length });
      for (const { domain, tokens, text } of documents) {
        rowDomain.push(domain);
        rowTokens.push(tokens.length);
        const of = domains[domain];
        if (of === undefined) continue;
        of.documents++;
        of.tokens += tokens.length;
        of.bytes += text.length;
      }
    }
    return { shards };
  });
  const table = await writeArtifact(artifactsDir, "domains", async (folder) => {
    await writeNpy(join(folder, "row-domain.npy"), Int32Array.from(rowDomain), [rowDomain.length]);
    await writeNpy(join(folder, "row-tokens.npy"), Uint32Array.from(rowTokens), [rowTokens.length]);
    return { domains: domains.map(({ id }) => ({ id })) };
  });
  const runDir = join(dir, "run");
  await mkdir(runDir, { recursive: true });
  const total = domains.reduce((sum, { tokens }) => sum + tokens, 0);
  const mixture = {
    name: "fixture",
    tokenizer: { name: "gpt2", vocabularySize: 50_257 },
    domains: domains.map((domain) => ({
      ...domain,
      name: domain.id,
      keywords: [],
      naturalShare: domain.tokens / total,
      meanTokens: domain.tokens / domain.documents,
      documentProbability: domain.weight,
      epochs: 1,
      maxEpochs: 4,
      scores: {},
      clusters: [],
    })),
    lineage: {
      toolVersion: "0.0.0",
      git: null,
      seed: 42,
      configSha256: "",
      embedder: "",
      artifacts: { corpus, domains: table },
      inputs: [],
    },
  };
  await writeFile(join(runDir, "mixture.json"), JSON.stringify(mixture));
  return { runDir, artifactsDir };
}

/** @returns the artifact's name */
async function writeArtifact(
  artifactsDir: string,
  stage: string,
  fill: (folder: string) => Promise<unknown>,
): Promise<string> {
  const fingerprint = fingerprintOf(stage, 1, null, {});
  const name = artifactName(stage, fingerprint);
  const folder = join(artifactsDir, name);
  await mkdir(folder, { recursive: true });
  const result = await fill(folder);
  const files = await describeFiles(folder);
  const file = {
    formatVersion: 1,
    stage,
    stageVersion: 1,
    fingerprint,
    config: null,
    inputs: {},
    files,
    result,
  };
  await writeFile(join(folder, "artifact.json"), JSON.stringify(file));
  return name;
}

async function writeDocuments(path: string, documents: readonly FixtureDocument[]): Promise<void> {
  const lines = documents.map(({ id, text }) => `${JSON.stringify({ id, text, source: "fixture" })}\n`);
  await writeFile(`${path}.ndjson`, lines.join(""));
  await ndjsonToParquet(`${path}.ndjson`, path, { id: "VARCHAR", text: "VARCHAR", source: "VARCHAR" });
  await rm(`${path}.ndjson`);
}

async function writeTokens(path: string, documents: readonly FixtureDocument[]): Promise<void> {
  const all = new Uint16Array(documents.reduce((sum, { tokens }) => sum + tokens.length, 0));
  let start = 0;
  for (const { tokens } of documents) {
    all.set(tokens, start);
    start += tokens.length;
  }
  await writeNpy(path, all, [all.length]);
}
