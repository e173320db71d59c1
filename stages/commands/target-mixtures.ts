/** The mixture that each target gets: the manifest's own, with its phases or one of them, counted by the target's own tokenizer. */
import { basename, isAbsolute } from "node:path";
import { ConfigError } from "../../pipeline/core/errors.ts";
import type { TargetMixture } from "../../pipeline/export/export-all.ts";
import { mixtureOfPhase, recountMixture } from "../../pipeline/manifest/mixture-views.ts";
import type { ExportConfig, ExportTarget } from "../../pipeline/schema/export-config.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import type { RecountResult } from "../recount.ts";

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
  const phases = phase === null && manifest.phases.length > 1 ? manifest.phases : [];
  return (target) => {
    const tokenizer = tokenizers[target];
    const view = countedBy(tokenizer, manifest.tokenizer.name, decimals, recounted);
    const whole = view(own);
    const ofPhases = phases.map(({ name, fromShare }) => {
      const { manifest: mixture, notes } = view(mixtureOfPhase(manifest, name));
      return { name, fromShare, manifest: mixture, notes };
    });
    return {
      manifest: whole.manifest,
      phase,
      phases: ofPhases,
      notes: [
        ...whole.notes,
        ...ofPhases.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`)),
      ],
    };
  };
}

/** A mixture as the target's tokenizer counts it. */
function countedBy(
  tokenizer: string | undefined,
  own: string,
  decimals: number,
  recounted: (tokenizer: string) => RecountResult | undefined,
): (mixture: Manifest) => { manifest: Manifest; notes: readonly string[] } {
  if (tokenizer === undefined || tokenizer === own) return (manifest) => ({ manifest, notes: [] });
  const counts = recounted(tokenizer);
  if (counts === undefined)
    throw new ConfigError(`nobody counted the tokens of ${tokenizer}`, "export again");
  const { tokens, ...identity } = counts;
  const name = tokenizerLabel(tokenizer);
  return (manifest) => recountMixture(manifest, { tokenizer: { name, ...identity }, tokens }, decimals);
}

/** Without the place where a folder lies, which must not change what is written. */
export function tokenizerLabel(tokenizer: string): string {
  return isAbsolute(tokenizer) || tokenizer.startsWith(".") ? basename(tokenizer) : tokenizer;
}
