/** The mixture that each target gets: the manifest's own, or one phase of it, counted by the target's own tokenizer. */
import { basename, isAbsolute } from "node:path";
import { ConfigError } from "../pipeline/core/errors.ts";
import type { TargetMixture } from "../pipeline/export/export-all.ts";
import { mixtureOfPhase, recountMixture } from "../pipeline/manifest/mixture-views.ts";
import type { ExportConfig, ExportTarget } from "../pipeline/schema/export-config.ts";
import type { Manifest } from "../pipeline/schema/manifest.ts";
import type { RecountResult } from "./recount.ts";

/** Under which a stage finds the counts of a tokenizer among its inputs. */
export function recountRole(tokenizer: string): string {
  return `tokens by ${tokenizerLabel(tokenizer)}`;
}

/** The tokenizers that the chosen targets count by and the run does not, each once. */
export function otherTokenizers({ targets, tokenizers }: ExportConfig, own: string): string[] {
  const named = targets.flatMap((target) => tokenizers[target] ?? []);
  return [...new Set(named)].filter((name) => name !== own).sort();
}

/** @param recounted counts of a tokenizer that is not the manifest's */
export function targetMixtures(
  manifest: Manifest,
  { tokenizers, decimals }: ExportConfig,
  recounted: (tokenizer: string) => RecountResult | undefined,
  phase: string | null = null,
): (target: ExportTarget) => TargetMixture {
  const own = phase === null ? manifest : mixtureOfPhase(manifest, phase);
  const ofWholeRun =
    phase === null && manifest.phases.length > 1
      ? [`the mean over the phases ${manifest.phases.map(({ name }) => name).join(", ")}; --phase takes one`]
      : [];
  return (target) => {
    const tokenizer = tokenizers[target];
    if (tokenizer === undefined || tokenizer === manifest.tokenizer.name) {
      return { manifest: own, phase, notes: ofWholeRun };
    }
    const counts = recounted(tokenizer);
    if (counts === undefined)
      throw new ConfigError(`nobody counted the tokens of ${tokenizer}`, "export again");
    const { tokens, ...identity } = counts;
    const name = tokenizerLabel(tokenizer);
    const view = recountMixture(own, { tokenizer: { name, ...identity }, tokens }, decimals);
    return { manifest: view.manifest, phase, notes: [...ofWholeRun, ...view.notes] };
  };
}

/** Without the place where a folder lies, which must not change what is written. */
export function tokenizerLabel(tokenizer: string): string {
  return isAbsolute(tokenizer) || tokenizer.startsWith(".") ? basename(tokenizer) : tokenizer;
}
