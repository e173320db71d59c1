/** An exporter writes the mixture the way one trainer reads it, and reads it back the way that trainer would. */
import type { ExportConfig, ExportTarget } from "../schema/config.ts";
import type { Manifest } from "../schema/manifest.ts";

export type ExportOptions = Pick<ExportConfig, "dataRoot" | "decimals">;

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
  readonly share: number;
  readonly unit: WeightUnit;
}

export interface Exporter {
  readonly name: ExportTarget;
  readonly unit: WeightUnit;
  /** @throws ConfigError or InputError if the trainer could not read such a path or name */
  files(manifest: Manifest, options: ExportOptions): ExportFile[];
  /** @throws InputError where the trainer would fail, or read something else than what is written */
  read(files: readonly ExportFile[]): ReadShare[];
  /** What is wrong with these files, one sentence each; empty when the trainer would get the manifest's mixture. */
  check(files: readonly ExportFile[], manifest: Manifest, options: ExportOptions): string[];
}
