/** An exporter writes the mixture the way one trainer reads it, and reads it back the way that trainer would. */
import type { ExportConfig, ExportTarget } from "../schema/export-config.ts";
import type { Manifest } from "../schema/manifest.ts";

export type ExportOptions = Omit<ExportConfig, "targets" | "tokenizers">;

export interface ExportFile {
  /** Relative to the target's folder. */
  readonly path: string;
  readonly text: string;
}

/** What a trainer draws by its weights: fixed-length pieces of tokens, or whole documents. */
export type WeightUnit = "tokens" | "documents";

/** What the trainer makes of one domain's entry. */
export interface ReadShare {
  readonly domain: string;
  /** In the exporter's unit. */
  readonly share: number;
  /** Repetitions after which the trainer stops, where it has such a field. */
  readonly maxEpochs?: number;
}

/** A stretch of training and its mixture. */
export interface PhaseMixture {
  readonly name: string;
  /** Share of the run's tokens trained on before. */
  readonly fromShare: number;
  readonly manifest: Manifest;
}

/** What the trainer makes of one phase. */
export interface ReadPhase {
  /** Steps before the phase. */
  readonly startStep: number;
  readonly shares: readonly ReadShare[];
}

/** Of a trainer whose config holds several mixtures, each from a step on. */
export interface PhasedExport {
  /** A phase begins after a multiple of so many steps. ConfigError if the options do not say how long a step is. */
  stepsBetween(options: ExportOptions): number;
  /** @param startSteps steps before each phase */
  files(phases: readonly PhaseMixture[], startSteps: readonly number[], options: ExportOptions): ExportFile[];
  /** @throws InputError as Exporter.read does */
  read(files: readonly ExportFile[], options: ExportOptions): ReadPhase[];
}

export interface Exporter {
  readonly name: ExportTarget;
  readonly unit: WeightUnit;
  /** The trainer rounds shares to multiples of 1 / steps; if absent, they have the config's decimals. */
  readonly steps?: number;
  /** The trainer has no weights: the mixture is written out before, counted by the corpus's own tokenizer. */
  readonly isMaterialized?: true;
  /** Absent: the config holds one mixture for the whole run. */
  readonly phased?: PhasedExport;
  /** @throws ConfigError or InputError if the trainer could not read such a path or name */
  files(manifest: Manifest, options: ExportOptions): ExportFile[];
  /**
   * @param manifest what lies on the trainer's disk: some trainers count in epochs of it
   * @throws InputError where the trainer would fail, or silently read something else than what is written
   */
  read(files: readonly ExportFile[], manifest: Manifest, options: ExportOptions): ReadShare[];
}
