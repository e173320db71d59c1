/**
 * Trainers without weights read documents in the order they lie on the disk, so that the mixture has to be there
 * already: `materialize.sh` writes it, `shares.json` are the token shares it goes by.
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../schema/manifest.ts";
import { domainPath } from "./domain-path.ts";
import { fileText, readJson } from "./exported-file.ts";
import type { ExportFile, ExportOptions, ReadShare } from "./exporter.ts";
import type { Shares } from "./shares.ts";

const Weights = z.record(z.string(), z.number().gt(0).max(1));

export interface MaterializeSettings {
  readonly format: "jsonl" | "parquet";
  readonly shardBytes: number;
  /** Folder of the written mixture. */
  readonly folder: string;
}

/** `<dataRoot>/mixture-<target>`: where the written mixture goes and the trainer reads it. */
export function mixtureFolder(target: string, { dataRoot }: ExportOptions): string {
  return domainPath(dataRoot, `mixture-${target}`);
}

/** shares.json and materialize.sh. */
export function materializedFiles(
  manifest: Manifest,
  { kept }: Shares,
  { format, shardBytes, folder }: MaterializeSettings,
  { dataRoot }: ExportOptions,
): ExportFile[] {
  const lines = kept.map(({ domain, text }) => {
    // Not written as a path, but ids and the data root are held to the same rules everywhere.
    domainPath(dataRoot, domain.id);
    return `  ${JSON.stringify(domain.id)}: ${text}`;
  });
  const words = [
    'exec npx climb materialize "$1" --weights "$(dirname "$0")/shares.json"',
    `--tokens ${manifest.budget.targetTokens} --format ${format} --shard-bytes ${shardBytes} --out ${folder}`,
  ];
  const script = [
    "#!/bin/sh",
    "# Writes the mixture where the trainer looks for it. Run it in the clone of climb that made the run.",
    "# The tokens are counted by the corpus's own tokenizer.",
    '[ $# -eq 1 ] || { echo "usage: $0 <run directory>" >&2; exit 2; }',
    words.join(" "),
  ];
  return [
    { path: "shares.json", text: `{\n${lines.join(",\n")}\n}\n` },
    { path: "materialize.sh", text: `${script.join("\n")}\n` },
  ];
}

/**
 * The shares that materialize.sh draws by.
 *
 * @throws InputError if the script would write something else than the trainer is to read
 */
export function readMaterialized(
  files: readonly ExportFile[],
  { budget }: Manifest,
  wanted: MaterializeSettings,
): ReadShare[] {
  const weights = readJson(files, "shares.json", Weights);
  const script = fileText(files, "materialize.sh");
  const command = /^exec npx climb materialize "\$1" (.*)$/m.exec(script)?.[1];
  if (command === undefined) throw new InputError("materialize.sh does not run climb materialize");
  const option = (name: string) => new RegExp(`(?:^| )--${name} (\\S+)`).exec(command)?.[1];
  for (const [name, expected] of [
    ["tokens", String(budget.targetTokens)],
    ["format", wanted.format],
    ["shard-bytes", String(wanted.shardBytes)],
    ["out", wanted.folder],
  ] as const) {
    const given = option(name);
    if (given !== expected) {
      throw new InputError(`materialize.sh: --${name} is ${given ?? "missing"}; it should be ${expected}`);
    }
  }
  if (!command.includes('--weights "$(dirname "$0")/shares.json"')) {
    throw new InputError("materialize.sh does not take the weights of shares.json");
  }
  return Object.entries(weights).map(([domain, share]) => ({ domain, share }));
}

/** Bytes of text in the whole mixture, about. */
export function mixtureBytes({ domains, budget }: Manifest): number {
  return domains.reduce(
    (sum, { weight, tokens, bytes }) =>
      sum + (tokens === 0 ? 0 : (weight * budget.targetTokens * bytes) / tokens),
    0,
  );
}
