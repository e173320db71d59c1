/** What a run prints at its end: text for people, or one JSON value for machines. */
import { readFile } from "node:fs/promises";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { Manifest } from "../../pipeline/schema/manifest.ts";
import type { Run } from "../climb.ts";
import type { IngestResult } from "../ingest.ts";
import { formatCount } from "./terminal.ts";

/** The artifacts of a run and, where it came that far, its manifest. */
export async function summaryJson(
  run: Partial<Run>,
  runDir: string,
  files: readonly string[],
): Promise<unknown> {
  const artifacts = Object.entries(run) as [string, Artifact][];
  return {
    runDir,
    files,
    artifacts: Object.fromEntries(
      artifacts.map(([role, { name, dir, result }]) => [role, { name, dir, result }]),
    ),
    mixture: (await readManifest(run)) ?? null,
  };
}

export async function summaryText(run: Partial<Run>, files: readonly string[]): Promise<string> {
  const parts: string[] = [];
  const manifest = await readManifest(run);
  if (run.corpus !== undefined) parts.push(corpusLine(run));
  if (manifest !== undefined) {
    parts.push(domainTable(manifest), lossTable(manifest), manifest.verdict.text);
    if (manifest.scale !== null) parts.push(manifest.scale.text);
  } else if (run.domains !== undefined) {
    const rows = run.domains.result.domains.map(({ id, name, documents, tokens }) => [
      id,
      name,
      formatCount(documents),
      formatCount(tokens),
    ]);
    parts.push(table(["domain", "name", "documents", "tokens"], rows, [2, 3]));
  }
  const last = Object.values(run).at(-1)?.stage;
  const made = Object.values(run).filter(({ stage }) => stage === last);
  const lines = files.length > 0 ? files : made.map(({ dir }) => dir);
  parts.push(["wrote", ...lines.map((file) => `  ${file}`)].join("\n"));
  return `${parts.join("\n\n")}\n`;
}

function corpusLine({ corpus, targets, holdout, domains }: Partial<Run>): string {
  const lines = [ingestLine("corpus", corpus!.result), ingestLine("targets", targets!.result)];
  if (holdout !== undefined) {
    lines.push(
      `near duplicates of a target, removed from training: ${formatCount(holdout.result.removedDocuments)} documents`,
    );
  }
  if (domains !== undefined) {
    const { keptClusters, clusters, domains: found } = domains.result;
    const kept = found.reduce((sum, domain) => sum + domain.documents, 0);
    const dropped = holdout!.result.trainingDocuments - kept;
    lines.push(
      `pruned: ${formatCount(clusters - keptClusters)} of ${formatCount(clusters)} clusters with ${formatCount(dropped)} documents`,
    );
  }
  return lines.join("\n");
}

function ingestLine(name: string, { documents, tokens, skipped }: IngestResult): string {
  const reasons = Object.entries(skipped).map(([reason, count]) => `${formatCount(count)} ${reason}`);
  return `${name}: ${formatCount(documents)} documents, ${formatCount(tokens)} tokens; skipped: ${reasons.join(", ") || "none"}`;
}

export function domainTable({ domains }: Manifest): string {
  const rows = domains.map(({ id, name, documents, tokens, naturalShare, weight, epochs, maxEpochs }) => [
    id,
    name,
    formatCount(documents),
    formatCount(tokens),
    percent(naturalShare),
    percent(weight),
    `${epochs.toFixed(2)}${epochs > maxEpochs * 0.999 ? " cap" : ""}`,
  ]);
  return table(
    ["domain", "name", "documents", "tokens", "natural", "weight", "epochs"],
    rows,
    [2, 3, 4, 5, 6],
  );
}

export function lossTable({ baselines, search }: Manifest): string {
  const rows = Object.entries(baselines).map(([name, row]) => [
    name,
    row.confirmObjective.toFixed(4),
    `${row.confirmInterval.low.toFixed(4)} to ${row.confirmInterval.high.toFixed(4)}`,
    name === "natural" ? "" : signed(row.differenceToNatural),
    name === "natural"
      ? ""
      : `${signed(row.differenceInterval.low)} to ${signed(row.differenceInterval.high)}`,
    row.seedDeviation.toFixed(4),
  ]);
  const header = [
    "mixture",
    search.unit,
    "95 % interval",
    "minus natural",
    "95 % interval",
    "seed deviation",
  ];
  return `Measured on confirm text, which the search never saw:\n${table(header, rows, [1, 3, 5])}`;
}

/** Columns padded to their widest cell; `right` names those that hold numbers. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const format = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd();
  return [format(header), format(widths.map((width) => "-".repeat(width))), ...rows.map(format)].join("\n");
}

async function readManifest({ mixture }: Partial<Run>): Promise<Manifest | undefined> {
  if (mixture === undefined) return undefined;
  return Manifest.parse(JSON.parse(await readFile(mixture.path("mixture.json"), "utf8")));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`;
}
