/** `climb inspect PATH`: what a manifest, a run, an artifact or a corpus holds, without writing anything. */
import { open, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ArtifactFile } from "../../pipeline/core/artifact.ts";
import { InputError } from "../../pipeline/core/errors.ts";
import { type CorpusInspection, inspectCorpus } from "./inspect-corpus.ts";
import { corpusText } from "./inspect-corpus-text.ts";
import { readManifestFile } from "../parts/read-manifest.ts";
import { domainTable, lossTable, table } from "./summary.ts";
import { formatCount } from "./terminal.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";

export interface InspectOptions {
  readonly text?: string;
  readonly format?: string;
  readonly json?: boolean;
}

export type Inspection =
  | { readonly kind: "mixture"; readonly mixture: Manifest }
  | { readonly kind: "artifact"; readonly artifact: ArtifactFile }
  | ({ readonly kind: "corpus" } & CorpusInspection);

export async function inspectCommand(
  path: string,
  options: InspectOptions,
  signal: AbortSignal,
): Promise<void> {
  const found = await inspect(path, options, signal);
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : `${inspectionText(found)}\n`);
}

async function inspect(path: string, options: InspectOptions, signal: AbortSignal): Promise<Inspection> {
  const manifest = await manifestPath(path);
  if (manifest !== undefined) return { kind: "mixture", mixture: await readManifestFile(manifest) };
  const artifact = await readFile(join(path, "artifact.json"), "utf8").catch(() => undefined);
  if (artifact !== undefined) {
    return { kind: "artifact", artifact: parseArtifact(artifact, join(path, "artifact.json")) };
  }
  return { kind: "corpus", ...(await inspectCorpus(path, options, signal)) };
}

/** The mixture.json that a path means; undefined if it is something else. An artifact folder is an artifact. */
async function manifestPath(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) {
    if (basename(path) === "mixture.json") return path;
    // JSON lines are called .json too; a manifest under another name says what it is in its first line or two.
    return path.endsWith(".json") && /^\s*\{\s*"schemaVersion"/.test(await startOf(path)) ? path : undefined;
  }
  if (found?.isDirectory() !== true) return undefined;
  const has = async (name: string) => (await stat(join(path, name)).catch(() => undefined)) !== undefined;
  if (await has("artifact.json")) return undefined;
  if (await has("mixture.json")) return join(path, "mixture.json");
  if (await has("config.resolved.yaml")) {
    throw new InputError(
      `${path} is a run directory without a mixture.json: the run has not come that far`,
      "go on with climb run and the run's config",
    );
  }
  return undefined;
}

async function startOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function parseArtifact(text: string, path: string): ArtifactFile {
  try {
    return ArtifactFile.parse(JSON.parse(text));
  } catch (error) {
    throw new InputError(
      `${path} is not valid: ${(error as Error).message}`,
      "delete the artifact's folder and run again to rebuild it",
      { cause: error },
    );
  }
}

function inspectionText(found: Inspection): string {
  if (found.kind === "mixture") return manifestText(found.mixture);
  return found.kind === "artifact" ? artifactText(found.artifact) : corpusText(found);
}

function manifestText(manifest: Manifest): string {
  const { name, tokenizer, budget, verdict, search, phases, lineage } = manifest;
  const git =
    lineage.git === null ? "no git" : `${lineage.git.commit}${lineage.git.modified ? ", modified" : ""}`;
  return [
    `${name}: ${manifest.domains.length} domains for ${formatCount(budget.targetTokens)} tokens (${tokenizer.name}, ${tokenizer.bytesPerToken.toFixed(2)} bytes each), ` +
      `phases: ${phases.length === 0 ? "main" : phases.map((phase) => phase.name).join(", ")}`,
    domainTable(manifest),
    lossTable(manifest),
    verdict.text,
    [
      "made",
      `  by climb ${lineage.toolVersion} (${git}), seed ${lineage.seed}, config ${lineage.configSha256.slice(0, 12)}`,
      `  with ${search.method}: ${search.rounds.map(({ trials }) => trials).join("/")} proxies (${search.proxy}), ` +
        `predictor ${search.predictor.predictor}, found by ${search.foundBy}; embedder ${lineage.embedder}`,
      "  from",
      ...Object.entries(lineage.artifacts).map(([role, artifact]) => `    ${role.padEnd(8)}  ${artifact}`),
    ].join("\n"),
    inputTable(manifest),
  ].join("\n\n");
}

/** By source; every file with its sha256 is in --json. */
function inputTable({ lineage }: Manifest): string {
  const sources = new Map<string, { role: string; source: string; files: number; bytes: number }>();
  for (const { role, source, bytes } of lineage.inputs) {
    const sum = sources.get(`${role} ${source}`) ?? { role, source, files: 0, bytes: 0 };
    sources.set(`${role} ${source}`, { ...sum, files: sum.files + 1, bytes: sum.bytes + bytes });
  }
  const rows = Array.from(sources.values(), ({ role, source, files, bytes }) => [
    role,
    source,
    formatCount(files),
    formatCount(bytes),
  ]);
  return table(["input", "source", "files", "bytes"], rows, [2, 3]);
}

function artifactText({ stage, stageVersion, inputs, files, result }: ArtifactFile): string {
  return [
    `artifact of the stage ${stage}, version ${stageVersion}`,
    ["made from", ...Object.entries(inputs).map(([role, name]) => `  ${role.padEnd(8)}  ${name}`)].join("\n"),
    table(
      ["file", "bytes", "sha256"],
      files.map(({ path, bytes, sha256 }) => [path, formatCount(bytes), sha256.slice(0, 12)]),
      [1],
    ),
    `result\n${shortJson(result)}`,
  ].join("\n\n");
}

function shortJson(value: unknown): string {
  return JSON.stringify(value, cutList, 2);
}

/** Long lists are for --json. */
function cutList(_key: string, member: unknown): unknown {
  return Array.isArray(member) && member.length > 8
    ? [...(member.slice(0, 8) as unknown[]), `... ${member.length} in all`]
    : member;
}
