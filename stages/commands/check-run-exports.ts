/** `climb export RUN --check`: exports as they lie on disk, read back by the trainers' rules. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../pipeline/core/errors.ts";
import { checkTarget, ExportChecks } from "../../pipeline/export/export-all.ts";
import type { ExportFile } from "../../pipeline/export/exporter.ts";
import { type ExportConfig, type ExportTarget, exportTargets } from "../../pipeline/schema/export-config.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import { checkMaterialized } from "./check-materialized.ts";
import { exportConfig, type ExportSettings, parseTargets, recountAll } from "../parts/export-settings.ts";
import { targetMixtures, tokenizerLabel } from "./target-mixtures.ts";

type Recorded = NonNullable<ExportChecks[ExportTarget]>;

/** The files as they lie on disk, read by the trainers' rules; and the written mixture of those that need one, if it is here. */
export async function checkWritten(
  manifest: Manifest,
  runDir: string,
  exportsDir: string,
  options: ExportSettings,
  signal: AbortSignal,
): Promise<ExportChecks> {
  const recorded = await readChecks(exportsDir);
  const targets =
    options.target === undefined
      ? exportTargets.filter((target) => recorded[target] !== undefined)
      : parseTargets(options.target);
  if (targets.length === 0) {
    throw new InputError(`${exportsDir} holds no exports that climb wrote`, "name some with --target");
  }
  const checks: ExportChecks = {};
  for (const target of targets) {
    const record = recorded[target];
    if (record === undefined) {
      throw new InputError(`${exportsDir} holds no export for ${target}`, `export it: --target ${target}`);
    }
    const files = await filesBelow(join(exportsDir, target));
    const config = await recordedConfig(target, record, runDir, options);
    const recounted = await recountAll(manifest, runDir, config, options, signal);
    const mixture = targetMixtures(manifest, config, recounted, record.phase)(target);
    const check = checkTarget(target, files, mixture, config);
    const { problems, notes } = await checkMaterialized(target, mixture.manifest, config);
    checks[target] = {
      ...check,
      ok: check.problems.length + problems.length === 0,
      problems: [...check.problems, ...problems],
      notes: [...check.notes, ...notes],
    };
  }
  return checks;
}

/** The settings the target was exported with; only CHECKS.json knows them once the command line had a say. */
async function recordedConfig(
  target: ExportTarget,
  { options: recorded, tokenizer }: Recorded,
  runDir: string,
  options: ExportSettings,
): Promise<ExportConfig> {
  const config = await exportConfig(runDir, options);
  const named = config.tokenizers[target];
  // A folder's place is not recorded: it has to be given again.
  const isNamed = named !== undefined && tokenizerLabel(named) === tokenizer;
  return { ...config, ...recorded, targets: [target], tokenizers: { [target]: isNamed ? named : tokenizer } };
}

async function filesBelow(dir: string): Promise<ExportFile[]> {
  const names = await readdir(dir).catch((): string[] => []);
  return Promise.all(names.map(async (path) => ({ path, text: await readFile(join(dir, path), "utf8") })));
}

/** What exports/CHECKS.json says; nothing where there is none. InputError if it is something else. */
export async function readChecks(exportsDir: string): Promise<ExportChecks> {
  const path = join(exportsDir, "CHECKS.json");
  const json = await readFile(path, "utf8").catch(() => undefined);
  if (json === undefined) return {};
  try {
    return ExportChecks.parse(JSON.parse(json));
  } catch (error) {
    throw new InputError(
      `${path} is not what climb export writes: ${(error as Error).message.split("\n")[0]}`,
      "delete it and export again",
      { cause: error },
    );
  }
}
