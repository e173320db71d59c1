import { createHash } from "node:crypto";
import { z } from "zod";
import { ConfigError } from "../core/errors.ts";
import { type ExportConfig, type ExportTarget, exportTargets } from "../schema/export-config.ts";
import type { Manifest } from "../schema/manifest.ts";
import { checkExport, checkPhasedExport } from "./check-export.ts";
import type { Exporter, ExportFile, ExportOptions, PhasedExport, PhaseMixture } from "./exporter.ts";
import { exporters } from "./exporters.ts";
import { droppedNotes } from "./notes.ts";
import { startSteps, tokensOfStep } from "./phase-steps.ts";
import { sharesOf } from "./shares.ts";

/** CHECKS.json: how each target was written, and what its check found. */
export const ExportChecks = z.partialRecord(
  z.enum(exportTargets),
  z.strictObject({
    ok: z.boolean(),
    problems: z.array(z.string()),
    unit: z.enum(["tokens", "documents"]).describe("What the trainer draws by the weights"),
    domains: z.int().describe("With a share"),
    notes: z.array(z.string()),
    tokenizer: z.string().describe("Counts the shares, epochs and caps"),
    phase: z.string().nullable(),
    options: z.strictObject({
      dataRoot: z.string(),
      decimals: z.int(),
      sequenceTokens: z.int(),
      batchTokens: z.int().nullable().default(null),
      minWeight: z.number().default(0),
    }),
    files: z.record(z.string(), z.string()).describe("Path below the target's folder to sha256"),
  }),
);
export type ExportChecks = z.infer<typeof ExportChecks>;

/** The mixture for one target, and what a person should know about how it differs from the manifest's own. */
export interface TargetMixture {
  readonly manifest: Manifest;
  /** The one phase that was asked for. */
  readonly phase: string | null;
  /** All phases, for a trainer that takes them; empty for one mixture. */
  readonly phases: readonly PhaseMixture[];
  readonly notes: readonly string[];
}

export interface Exports {
  /** `<target>/<file>`, relative to the exports folder. */
  files: ExportFile[];
  checks: ExportChecks;
}

/**
 * Write the mixture for every target of the config, and check each by reading it back.
 *
 * @param mixtureFor what each target is to get
 * @throws ConfigError if dataRoot holds white space or what a target cannot take; InputError if a domain's id is no
 * file name
 */
export function exportAll(
  { targets, tokenizers, ...options }: ExportConfig,
  mixtureFor: (target: ExportTarget) => TargetMixture,
): Exports {
  const all: Exports = { files: [], checks: {} };
  for (const target of targets) {
    const exporter = exporters[target];
    if (exporter.isMaterialized === true && tokenizers[target] !== undefined) {
      throw new ConfigError(
        `export.tokenizers.${target} has no effect: ${target} reads text in the order it lies on the disk`,
        "leave it out: the text is the same whatever tokenizer reads it",
      );
    }
    const mixture = mixtureFor(target);
    const files = targetFiles(exporter, mixture, options);
    all.files.push(...files.map(({ path, text }) => ({ path: `${target}/${path}`, text })));
    all.checks[target] = checkTarget(target, files, mixture, options);
  }
  return all;
}

function targetFiles(
  exporter: Exporter,
  { manifest, phases }: TargetMixture,
  options: ExportOptions,
): ExportFile[] {
  if (phases.length === 0) return exporter.files(manifest, options);
  const phased = phasedOf(exporter);
  return phased.files(phases, phaseSteps(phased, manifest, phases, options), options);
}

function phasedOf({ name, phased }: Exporter): PhasedExport {
  if (phased !== undefined) return phased;
  throw new ConfigError(
    `the mixture changes during training, but a config of ${name} holds one mixture`,
    "name one of its phases with --phase; nanotron and marin take all of them",
  );
}

function phaseSteps(
  phased: PhasedExport,
  { budget }: Manifest,
  phases: readonly PhaseMixture[],
  options: ExportOptions,
): number[] {
  return startSteps(phases, budget.targetTokens, tokensOfStep(options), phased.stepsBetween(options));
}

/** What the check of one target's files finds, as CHECKS.json says it. */
export function checkTarget(
  target: ExportTarget,
  files: readonly ExportFile[],
  mixture: TargetMixture,
  { dataRoot, decimals, sequenceTokens, batchTokens, minWeight }: ExportOptions,
): NonNullable<ExportChecks[ExportTarget]> {
  const exporter = exporters[target];
  const options = { dataRoot, decimals, sequenceTokens, batchTokens, minWeight };
  const { manifest, phase, phases, notes } = mixture;
  const problems =
    phases.length === 0
      ? checkExport(exporter, files, manifest, options)
      : checkPhases(exporter, files, mixture, options);
  const { kept, dropped } = sharesOf(manifest, exporter, options);
  return {
    ok: problems.length === 0,
    problems,
    unit: exporter.unit,
    domains: kept.length,
    notes: [...notes, ...droppedNotes(dropped)],
    tokenizer: manifest.tokenizer.name,
    phase,
    options,
    files: Object.fromEntries(
      files.map(({ path, text }) => [path, createHash("sha256").update(text).digest("hex")]),
    ),
  };
}

function checkPhases(
  exporter: Exporter,
  files: readonly ExportFile[],
  { manifest, phases }: TargetMixture,
  options: ExportOptions,
): string[] {
  const phased = phasedOf(exporter);
  const starts = phaseSteps(phased, manifest, phases, options);
  return checkPhasedExport(exporter, phased, files, phases, starts, options);
}

/** CHECKS.json's text, its targets in the order in which climb lists them. */
export function formatChecks(checks: ExportChecks): string {
  const sorted = exportTargets.flatMap((target) =>
    checks[target] === undefined ? [] : [[target, checks[target]] as const],
  );
  return `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`;
}
