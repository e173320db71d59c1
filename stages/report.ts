/**
 * Stage 10: one offline HTML page that shows what was found, how sure it is, and why.
 *
 *   in    everything the run made
 *   out   report.html
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { DomainTable } from "../pipeline/schema/domain.ts";
import { Manifest } from "../pipeline/schema/manifest.ts";
import { Recluster } from "../pipeline/schema/recluster.ts";
import { SearchResult } from "../pipeline/schema/search.ts";
import type { ExportResult, MadeByRun } from "./export.ts";
import { runAsScript } from "./parts/shard-main.ts";

export const ReportResult = z.strictObject({ bytes: z.int() });
export type ReportResult = z.infer<typeof ReportResult>;

type ReportInputs = MadeByRun & { mixture: Artifact<ExportResult> };

export const report: Stage<null, ReportInputs, ReportResult> = {
  name: "report",
  version: 9,
  entry: import.meta.filename,
  result: ReportResult,
  recorded: () => null,
  steps: {},

  async run(_config, { corpus, holdout, clusters, domains, search, mixture, recluster }, { outDir }) {
    // Charts need a browser's document, which loads slowly: a run that finds its report made goes without.
    const { renderReport } = await import("../pipeline/report/render-report.ts");
    const html = renderReport({
      manifest: await readJson(Manifest, mixture.path("mixture.json")),
      domains: await readJson(DomainTable, domains.path("domains.json")),
      search: await readJson(SearchResult, search.path("search.json")),
      corpus: { ...corpus.result, removedDocuments: holdout.result.removedDocuments },
      targets: holdout.result.targets,
      clustering: clusters.result,
      ...(recluster && { recluster: await readJson(Recluster, recluster.path("recluster.json")) }),
    });
    await writeFile(join(outDir, "report.html"), html);
    return { bytes: Buffer.byteLength(html) };
  },
};

async function readJson<Value>(schema: z.ZodType<Value>, path: string): Promise<Value> {
  return schema.parse(JSON.parse(await readFile(path, "utf8")));
}

runAsScript(report);
