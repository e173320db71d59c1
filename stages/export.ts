/**
 * Stage 9: the mixture, as a manifest for programs and as the files trainers read.
 *
 *   in    everything the run made
 *   out   mixture.json, exports/<target>/...
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { ExportCheckError } from "../pipeline/core/errors.ts";
import { hashJson } from "../pipeline/core/hash.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { tokenizerSha256 } from "../pipeline/corpus/tokenizer.ts";
import { exportAll, type ExportChecks, formatChecks } from "../pipeline/export/export-all.ts";
import { buildManifest } from "../pipeline/manifest/build-manifest.ts";
import { checkManifest } from "../pipeline/manifest/check-manifest.ts";
import { formatManifest } from "../pipeline/manifest/format-manifest.ts";
import type { ClimbConfig } from "../pipeline/schema/config.ts";
import { DomainTable } from "../pipeline/schema/domain.ts";
import type { Manifest } from "../pipeline/schema/manifest.ts";
import type { ScaleResult } from "../pipeline/schema/scale.ts";
import { domainsTarget, SearchResult } from "../pipeline/schema/search.ts";
import type { ClusterResult } from "./cluster.ts";
import type { DomainsResult } from "./domains.ts";
import type { EmbedResult } from "./embed.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { IngestResult } from "./ingest.ts";
import type { ModelResult } from "./model.ts";
import type { RecountResult } from "./recount.ts";
import { toolVersion } from "./parts/tool-version.ts";
import type { ReclusterResult } from "./recluster.ts";
import type { SearchStageResult } from "./search.ts";
import { runAsScript } from "./parts/shard-main.ts";
import { recountRole, targetMixtures, tokenizerLabel } from "./commands/target-mixtures.ts";

export const ExportResult = z.strictObject({ files: z.array(z.string()), notes: z.array(z.string()) });
export type ExportResult = z.infer<typeof ExportResult>;

export interface MadeByRun {
  corpus: Artifact<IngestResult>;
  targets: Artifact<IngestResult>;
  vectors: Artifact<EmbedResult>;
  holdout: Artifact<HoldoutResult>;
  clusters: Artifact<ClusterResult>;
  domains: Artifact<DomainsResult>;
  model?: Artifact<ModelResult>;
  search: Artifact<SearchStageResult>;
  /** Only where the gain was followed to larger sizes. */
  scale?: Artifact<ScaleResult>;
  /** Of a run that goes on from an earlier one. */
  recluster?: Artifact<ReclusterResult>;
  [role: string]: Artifact;
}

interface ExportStageConfig {
  readonly config: ClimbConfig;
  /** What the tool was built from: part of the manifest's lineage, and so of what decides its bytes. */
  readonly git: Manifest["lineage"]["git"];
}

export const exportMixture: Stage<ExportStageConfig, MadeByRun, ExportResult> = {
  name: "export",
  version: 9,
  entry: import.meta.filename,
  result: ExportResult,
  recorded: ({ config, git }) => ({ config: withoutPaths(config), git }),
  steps: {},

  async run({ config, git }, made, { outDir }) {
    const table = DomainTable.parse(JSON.parse(await readFile(made.domains.path("domains.json"), "utf8")));
    const found = SearchResult.parse(JSON.parse(await readFile(made.search.path("search.json"), "utf8")));
    const manifest = buildManifest({
      config,
      domains: table,
      search: found,
      scale: made.scale?.result ?? null,
      tokenizer: {
        sha256: tokenizerSha256(config.tokenizer),
        vocabularySize: made.corpus.result.vocabularySize,
      },
      confirmBytes: {
        ...Object.fromEntries(made.holdout.result.targets.map(({ name, confirm }) => [name, confirm.bytes])),
        [domainsTarget]: (found.validationText ?? []).reduce(
          (sum, { confirmBytes }) => sum + confirmBytes,
          0,
        ),
      },
      lineage: {
        toolVersion,
        git,
        seed: config.seed,
        configSha256: hashJson(withoutPaths(config)),
        embedder: made.vectors.result.identity,
        artifacts: Object.fromEntries(Object.entries(made).map(([role, artifact]) => [role, artifact.name])),
        inputs: [
          ...made.corpus.result.inputs.map((input) => ({ role: "corpus" as const, ...input })),
          ...made.targets.result.inputs.map((input) => ({ role: "target" as const, ...input })),
        ],
      },
    });
    const text = formatManifest(manifest);
    await writeFile(join(outDir, "mixture.json"), text);
    refuseProblems({ "mixture.json": checkManifest(JSON.parse(text)) });
    const recounted = (tokenizer: string) =>
      (made[recountRole(tokenizer)] as Artifact<RecountResult> | undefined)?.result;
    const { files, checks } = exportAll(config.export, targetMixtures(manifest, config.export, recounted));
    refuseProblems(problemsOf(checks));
    files.push({ path: "CHECKS.json", text: formatChecks(checks) });
    for (const { path, text } of files) {
      const to = join(outDir, "exports", path);
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, text);
    }
    const notes = Object.entries(checks).flatMap(([target, check]) =>
      check.notes.map((note) => `${target}: ${note}`),
    );
    return { files: ["mixture.json", ...files.map(({ path }) => join("exports", path))], notes };
  },
};

/** Target to what its check found wrong. */
export function problemsOf(checks: ExportChecks): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(checks).map(([target, { problems }]) => [target, problems]));
}

/** Everything written is read back as its reader would; what does not say the same is not handed out. */
export function refuseProblems(problems: Readonly<Record<string, readonly string[]>>): void {
  const lines = Object.entries(problems).flatMap(([name, list]) =>
    list.map((problem) => `${name}: ${problem}`),
  );
  if (lines.length === 0) return;
  throw new ExportCheckError(
    lines.join("\n"),
    "leave the target out of export.targets, or change what it names",
  );
}

/** The config without what may not change a result: where files lie, and who does the work where. */
export function withoutPaths({
  executor: _,
  workers: __,
  slurm: ___,
  corpus,
  targets,
  benchmarks,
  cluster: { passes: ____, shardDocuments: _____, ...cluster },
  domains,
  recluster,
  ...config
}: ClimbConfig): unknown {
  return {
    ...config,
    cluster,
    domains: {
      ...domains,
      naming: domains.naming && { model: domains.naming.model },
      quality: { classifiers: domains.quality.classifiers.map(({ model: _, ...classifier }) => classifier) },
    },
    recluster: recluster && { carryShare: recluster.carryShare },
    corpus: {
      ...corpus,
      sources: corpus.sources.map(({ files: _, ...source }) => source),
      clean: { ...corpus.clean, blockedUrls: corpus.clean.blockedUrls.length },
    },
    benchmarks: benchmarks.map(({ files: _, ...benchmark }) => benchmark),
    targets: targets.map(({ files: _, ...target }) => target),
    export: { ...config.export, tokenizers: labelled(config.export.tokenizers) },
  };
}

function labelled(tokenizers: ClimbConfig["export"]["tokenizers"]): unknown {
  return Object.fromEntries(
    Object.entries(tokenizers).map(([target, tokenizer]) => [target, tokenizerLabel(tokenizer)]),
  );
}

runAsScript(exportMixture);
