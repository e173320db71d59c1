/**
 * `climb export RUN`: the mixture of a finished run, written for further trainers, or the files that are there checked.
 *
 *   in    RUN/mixture.json, and the run's corpus where a trainer counts by another tokenizer
 *   out   RUN/exports/<target>/..., RUN/exports/CHECKS.json
 */
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { writeFileAtomic } from "../../pipeline/core/atomic-file.ts";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { exportAll, type ExportChecks, formatChecks } from "../../pipeline/export/export-all.ts";
import { checkManifest } from "../../pipeline/manifest/check-manifest.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import { checkWritten, readChecks } from "./check-run-exports.ts";
import { problemsOf, refuseProblems } from "../export.ts";
import { exportConfig, type ExportSettings, parseTargets, recountAll } from "../parts/export-settings.ts";
import { readManifestFile } from "../parts/read-manifest.ts";
import { targetMixtures } from "./target-mixtures.ts";

export interface ExportRunOptions extends ExportSettings {
  readonly check?: boolean;
  readonly phase?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** True if the path is a finished run, or its manifest, rather than a config. */
export async function isRun(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true || (found?.isFile() === true && path.endsWith(".json"));
}

/**
 * @throws ConfigError for unknown targets; InputError if the run cannot be read; ExportCheckError, after printing, if a
 *   check finds something wrong
 */
export async function exportRunCommand(
  path: string,
  options: ExportRunOptions,
  signal: AbortSignal,
): Promise<void> {
  const { mixturePath, runDir } = await findMixture(path);
  const manifest = await readManifestFile(mixturePath);
  refuseProblems({ "mixture.json": checkManifest(manifest) });
  const exportsDir = resolve(options.out ?? join(runDir, "exports"));
  const settings = await settingsToWrite(exportsDir, options);
  const written =
    settings === undefined ? [] : await writeExports(manifest, runDir, exportsDir, settings, signal);
  const checks =
    options.check === true ? await checkWritten(manifest, runDir, exportsDir, options, signal) : {};
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ exportsDir, files: written, checks: options.check === true ? checks : await readChecks(exportsDir) })}\n`
      : text(written, checks),
  );
  refuseProblems(problemsOf(checks));
}

/**
 * What to write. A check must not hide what somebody edited: it takes what lies there, and only writes a target that is
 * missing or asked for with other settings.
 */
async function settingsToWrite(
  exportsDir: string,
  options: ExportRunOptions,
): Promise<ExportRunOptions | undefined> {
  const { target, check, dataRoot, tokenizer, phase, batchTokens, minWeight } = options;
  if (
    check !== true ||
    [dataRoot, tokenizer, phase, batchTokens, minWeight].some((given) => given !== undefined)
  )
    return options;
  if (target === undefined) return undefined;
  const there = await readChecks(exportsDir).catch((): ExportChecks => ({}));
  const missing = parseTargets(target).filter((name) => there[name] === undefined);
  return missing.length === 0 ? undefined : { ...options, target: missing.join(",") };
}

/** Checks a run's exports as they lie in its folder; what the check says, for people. Throws as exportRunCommand does. */
export async function checkRun(runDir: string, signal: AbortSignal): Promise<string> {
  const manifest = await readManifestFile(join(runDir, "mixture.json"));
  const checks = await checkWritten(manifest, runDir, join(runDir, "exports"), {}, signal);
  refuseProblems(problemsOf(checks));
  return text([], checks);
}

async function findMixture(path: string): Promise<{ mixturePath: string; runDir: string }> {
  const given = resolve(path);
  if ((await stat(given)).isFile()) return { mixturePath: given, runDir: dirname(given) };
  const mixturePath = join(given, "mixture.json");
  if ((await stat(mixturePath).catch(() => undefined)) !== undefined) return { mixturePath, runDir: given };
  throw new ConfigError(
    `${path} holds no mixture.json`,
    "give the folder of a finished run, for example data/runs/quickstart, or a config",
  );
}

/** Writes the chosen targets and returns their paths. What the check refuses is not written. */
async function writeExports(
  manifest: Manifest,
  runDir: string,
  exportsDir: string,
  options: ExportRunOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const config = await exportConfig(runDir, options);
  const recounted = await recountAll(manifest, runDir, config, options, signal);
  const mixtures = targetMixtures(manifest, config, recounted, options.phase ?? null);
  const { files, checks } = exportAll(config, mixtures);
  refuseProblems(problemsOf(checks));
  for (const target of config.targets) await rm(join(exportsDir, target), { recursive: true, force: true });
  const written: string[] = [];
  for (const file of files) {
    const to = join(exportsDir, file.path);
    await mkdir(dirname(to), { recursive: true });
    await writeFileAtomic(to, file.text);
    written.push(to);
  }
  // One by an earlier version says nothing of use about the other targets.
  const others = await readChecks(exportsDir).catch(() => ({}));
  const merged = formatChecks({ ...others, ...checks });
  await writeFileAtomic(join(exportsDir, "CHECKS.json"), merged);
  for (const note of sharedNotes(checks)) process.stderr.write(`  ${note}\n`);
  return [...written, join(exportsDir, "CHECKS.json")];
}

function text(written: readonly string[], checks: ExportChecks): string {
  const lines = Object.entries(checks).map(
    ([target, { ok, domains, unit, tokenizer }]) =>
      `${target.padEnd(15)} ${ok ? "ok   " : "WRONG"}  ${domains} domains, shares of ${unit === "tokens" ? `tokens by ${tokenizer}` : "documents"}`,
  );
  if (written.length > 0) lines.push("wrote", ...written.map((path) => `  ${path}`));
  else lines.push(...sharedNotes(checks));
  return `${lines.join("\n")}\n`;
}

/** Each note once, with the targets it is about. */
function sharedNotes(checks: ExportChecks): string[] {
  const targets = new Map<string, string[]>();
  for (const [target, { notes }] of Object.entries(checks)) {
    for (const note of notes) targets.set(note, [...(targets.get(note) ?? []), target]);
  }
  return Array.from(targets, ([note, about]) => `${note} (${about.join(", ")})`);
}
