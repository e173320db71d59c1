/** What a finished run is exported with: its own settings, changed by the command line. */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { loadConfig } from "../../pipeline/core/load-config.ts";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import { runStage } from "../../pipeline/core/stage.ts";
import { ExportConfig, type ExportTarget, exportTargets } from "../../pipeline/schema/export-config.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import { openInputs } from "./materialize-inputs.ts";
import { recount, recountConfig, type RecountResult } from "../recount.ts";
import { otherTokenizers } from "../commands/target-mixtures.ts";
import { terminalProgress } from "../commands/terminal.ts";

export interface ExportSettings {
  /** Comma-separated. */
  readonly target?: string;
  readonly dataRoot?: string;
  readonly tokenizer?: string;
  readonly batchTokens?: number;
  readonly minWeight?: number;
  readonly quiet?: boolean;
}

/** The run's own export settings, changed by the command line. ConfigError for one that cannot be. */
export async function exportConfig(runDir: string, options: ExportSettings): Promise<ExportConfig> {
  const resolved = join(runDir, "config.resolved.yaml");
  const own = await loadConfig(resolved).then(
    ({ export: settings }) => settings,
    () => ExportConfig.parse({}),
  );
  const targets = options.target === undefined ? own.targets : parseTargets(options.target);
  const tokenizers =
    options.tokenizer === undefined
      ? own.tokenizers
      : Object.fromEntries(targets.map((target) => [target, options.tokenizer]));
  const changed = ExportConfig.safeParse({
    ...own,
    targets,
    tokenizers,
    ...(options.dataRoot !== undefined && { dataRoot: options.dataRoot }),
    ...(options.batchTokens !== undefined && { batchTokens: options.batchTokens }),
    ...(options.minWeight !== undefined && { minWeight: options.minWeight }),
  });
  if (changed.success) return changed.data;
  throw new ConfigError(
    `the export's settings: ${z.prettifyError(changed.error)}`,
    "see climb export --help",
  );
}

/** "megatron,olmix" or "all". ConfigError naming the one that does not exist. */
export function parseTargets(list: string): ExportTarget[] {
  if (list === "all") return [...exportTargets];
  return [...new Set(list.split(",").map((name) => name.trim()))].map((name) => {
    const target = exportTargets.find((candidate) => candidate === name);
    if (target !== undefined) return target;
    throw new ConfigError(`'${name}' is no target`, `--target takes all, or of ${exportTargets.join(", ")}`);
  });
}

/** The counts of every tokenizer that is not the run's own; each is counted once and kept as an artifact. */
export async function recountAll(
  manifest: Manifest,
  runDir: string,
  config: ExportConfig,
  { quiet }: ExportSettings,
  signal: AbortSignal,
): Promise<(tokenizer: string) => RecountResult | undefined> {
  const counted = new Map<string, RecountResult>();
  const names = otherTokenizers(config, manifest.tokenizer.name);
  if (names.length === 0) return (name) => counted.get(name);
  const artifactsDir = resolve("data", "artifacts");
  const { corpus, domains } = await openInputs(runDir, artifactsDir);
  const workers = availableParallelism();
  for (const name of names) {
    const { result } = await runStage(
      recount,
      await recountConfig(name),
      { corpus, domains },
      {
        artifactsDir,
        executor: new LocalExecutor(workers),
        workers,
        progress: terminalProgress(quiet),
        signal,
      },
    );
    counted.set(name, result);
  }
  return (name) => counted.get(name);
}
