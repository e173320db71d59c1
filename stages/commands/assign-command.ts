/** What `climb assign MODEL CORPUS` does once the command line is understood. */
import { readFile, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type Artifact, openArtifact } from "../../pipeline/core/artifact.ts";
import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import { type Environment, runStage } from "../../pipeline/core/stage.ts";
import { embedderIdentity } from "../../pipeline/embed/create-embedder.ts";
import { Assignment } from "../../pipeline/schema/assignment.ts";
import type { ClusterModel } from "../../pipeline/schema/cluster-model.ts";
import { SourceConfig } from "../../pipeline/schema/corpus-config.ts";
import { assign, type AssignResult, methodFor } from "../assign.ts";
import { checkVectors } from "../parts/check-vectors.ts";
import { embed, EmbedResult } from "../embed.ts";
import { ingest, IngestResult } from "../ingest.ts";
import { ingestConfig } from "../parts/ingest-config.ts";
import type { ModelResult } from "../model.ts";
import { openModel, readClusterModel } from "../parts/read-model.ts";
import { publishFile } from "./run-directory.ts";
import { table } from "./summary.ts";
import { formatCount, terminalProgress } from "./terminal.ts";

export interface AssignOptions {
  readonly text?: string;
  readonly format?: string;
  readonly method: "auto" | "exact" | "hnsw";
  readonly out?: string;
  readonly workers?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface CorpusArtifacts {
  readonly corpus: Artifact<IngestResult>;
  readonly vectors: Artifact<EmbedResult>;
}

export async function assignCommand(
  modelPath: string,
  corpusPath: string,
  options: AssignOptions,
  signal: AbortSignal,
): Promise<void> {
  const model = await openModel(modelPath);
  const described = await readClusterModel(model);
  const workers = options.workers ?? availableParallelism();
  const environment: Environment = {
    artifactsDir: resolve("data", "artifacts"),
    executor: new LocalExecutor(workers),
    workers,
    progress: terminalProgress(options.quiet),
    signal,
  };
  const inputs =
    (await openVectors(corpusPath)) ??
    (await makeVectors(model, described, corpusPath, options, environment));
  checkVectors(model, inputs.vectors);
  const method = options.method === "auto" ? methodFor(model.result.clusters) : options.method;
  const assigned = await runStage(assign, { method }, { model, ...inputs }, environment);

  const outDir = resolve(options.out ?? join("data", "assigned", nameOf(corpusPath)));
  await publish(assigned, outDir);
  const found = Assignment.parse(JSON.parse(await readFile(assigned.path("assignment.json"), "utf8")));
  process.stdout.write(
    options.json ? `${JSON.stringify({ dir: outDir, ...found })}\n` : assignmentText(found, outDir),
  );
}

/** The corpus as a run left it: the path is that of an embed artifact. */
async function openVectors(path: string): Promise<CorpusArtifacts | undefined> {
  if ((await stat(join(path, "artifact.json")).catch(() => undefined)) === undefined) return undefined;
  const dir = resolve(path);
  const vectors = await openArtifact(dir, EmbedResult).catch(() => undefined);
  if (vectors?.stage !== "embed") {
    throw new InputError(
      `${path} is an artifact, but not one of embed`,
      "give documents, or data/artifacts/embed-<hash>",
    );
  }
  const corpusDir = join(dirname(dir), vectors.inputs["corpus"]!);
  const corpus = await openArtifact(corpusDir, IngestResult);
  if (corpus !== undefined) return { corpus, vectors };
  throw new InputError(
    `${corpusDir}, from which ${path} was made, is gone`,
    "run climb ingest with its config again",
  );
}

/** Read and embed documents as the model's run did. */
async function makeVectors(
  model: Artifact<ModelResult>,
  { embedder, reading, tokenizer }: ClusterModel,
  path: string,
  options: AssignOptions,
  environment: Environment,
): Promise<CorpusArtifacts> {
  const identity = await embedderIdentity(embedder.settings);
  if (identity !== embedder.identity) {
    throw new ConfigError(
      `model ${model.name} is from another embedder: it was made with ${embedder.identity}, ${embedder.settings.model} is ${identity} here`,
      "put back the files of the model's embedder, or make a model with this one",
    );
  }
  const source = sourceOf(path, options);
  const files = await ingestConfig({ tokenizer, reading }, [source], environment);
  const corpus = await runStage(ingest, files, {}, environment);
  const vectors = await runStage(embed, { embed: embedder.settings, identity }, { corpus }, environment);
  return { corpus, vectors };
}

/** The corpus as a source of a config, its text column found by its layout unless it was named. */
function sourceOf(path: string, { text, format }: AssignOptions): SourceConfig {
  const parsed = SourceConfig.safeParse({ name: "corpus", files: path, format: format ?? "auto" });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(
      `${issue!.path.join(".")}: ${issue!.message}`,
      "climb assign --help says what it takes",
    );
  }
  return { ...parsed.data, fields: { ...parsed.data.fields, text: text ?? null } };
}

/** The corpus's file or folder, without what would make a poor folder name. */
function nameOf(path: string): string {
  const fixed = path.split("*")[0]!.replace(/[/.]+$/, "");
  return (
    basename(fixed)
      .replaceAll(/[^\w.-]+/g, "-")
      .replace(/\.(jsonl|parquet|gz|zst|warc|wet)\b.*$/, "") || "corpus"
  );
}

async function publish(assigned: Artifact<AssignResult>, outDir: string): Promise<void> {
  for (const file of ["assignment.json", ...assigned.result.files]) {
    await publishFile(assigned.path(file), join(outDir, file));
  }
}

function assignmentText(found: Assignment, outDir: string): string {
  const { parts, method, drift } = found;
  const rows = parts.map(({ id, name, documents, tokens, tokenShare, trainingTokenShare }) => [
    id,
    name,
    formatCount(documents),
    formatCount(tokens),
    percent(tokenShare),
    percent(trainingTokenShare),
  ]);
  const header = ["part", "name", "documents", "tokens", "share", "in training"];
  const how =
    method.name === "exact"
      ? "exact"
      : `hnsw; ${method.agreeingDocuments} of ${method.checkedDocuments} checked documents agree with the exact answer, ${method.exactShards} of ${method.shards} shards went exact`;
  return [
    `${formatCount(found.documents)} documents, ${formatCount(found.tokens)} tokens into the domains of ${found.model} (${how})`,
    table(header, rows, [2, 3, 4, 5]),
    drift.text,
    `wrote ${outDir} (assignment.json, documents-*.parquet)`,
    "",
  ].join("\n\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
