/** What a person should know about an export, for comments and NOTES.txt. */
import type { Manifest, ManifestDomain } from "../schema/manifest.ts";
import type { ExportFile, ExportOptions, PhaseMixture } from "./exporter.ts";
import type { DroppedDomain, Shares } from "./shares.ts";

/** How to use it, then one line a domain, then those left out. */
export function mixtureNotes(manifest: Manifest, shares: Shares, usage: readonly string[]): string[] {
  const { budget, tokenizer } = manifest;
  return [
    ...usage,
    `Made by climb for a training run of ${budget.targetTokens} tokens, as ${tokenizer.name} counts them:`,
    ...shares.kept.map(({ domain }) => `${domain.id}: ${describeDomain(domain)}`),
    ...droppedNotes(shares.dropped),
  ];
}

/** mixtureNotes of every phase, with the step from which on it holds. */
export function phaseNotes(
  phases: readonly PhaseMixture[],
  shares: readonly Shares[],
  startSteps: readonly number[],
  { batchTokens }: ExportOptions,
  usage: readonly string[],
): string[] {
  return phases.flatMap(({ name, manifest }, i) =>
    mixtureNotes(manifest, shares[i]!, [
      ...(i === 0 ? usage : []),
      `Phase ${oneLine(name)}, after ${startSteps[i]} steps of ${batchTokens} tokens.`,
    ]),
  );
}

/** For formats without comments. */
export function notesFile(manifest: Manifest, shares: Shares, usage: readonly string[]): ExportFile {
  return { path: "NOTES.txt", text: `${mixtureNotes(manifest, shares, usage).join("\n")}\n` };
}

export function describeDomain({ weight, epochs, name }: ManifestDomain): string {
  return `${(weight * 100).toFixed(2)} % of the tokens, ${epochs.toFixed(3)} epochs, ${oneLine(name)}`;
}

/** One line a dropped domain. */
export function droppedNotes(dropped: readonly DroppedDomain[]): string[] {
  return dropped.map(({ id, reason }) => `${id} is left out: ${reason}`);
}

/** Text on one line, without the characters that Python or PyYAML refuse even in a comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u{FEFF}\u{FFFE}\u{FFFF}]+/gu, " ").trim();
}
