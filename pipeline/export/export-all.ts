import type { ExportConfig, ExportTarget } from "../schema/config.ts";
import type { Manifest } from "../schema/manifest.ts";
import type { Exporter, ExportFile } from "./exporter.ts";
import { hfDatasets } from "./hf-datasets.ts";
import { megatron } from "./megatron.ts";
import { olmix } from "./olmix.ts";
import { droppedNotes, sharesOf } from "./shares.ts";

export const exporters: Readonly<Record<ExportTarget, Exporter>> = {
  megatron,
  "hf-datasets": hfDatasets,
  olmix,
};

export interface Exports {
  /** `<target>/<file>` and CHECKS.json, relative to the exports folder. */
  files: ExportFile[];
  /** One line for each domain a target leaves out. */
  notes: string[];
  /** Target to what its check found; every list is empty when all is well. */
  problems: Record<string, string[]>;
}

/**
 * Write the manifest for every target of the config, and check each by reading it back.
 *
 * @throws ConfigError if dataRoot holds white space; InputError if a domain's id is no file name
 */
export function exportAll(manifest: Manifest, config: ExportConfig): Exports {
  const all: Exports = { files: [], notes: [], problems: {} };
  const checks: Record<string, unknown> = {};
  for (const target of config.targets) {
    const exporter = exporters[target];
    const files = exporter.files(manifest, config);
    const problems = exporter.check(files, manifest, config);
    const { kept, dropped } = sharesOf(manifest, exporter.unit, config.decimals);
    const notes = droppedNotes(dropped);
    all.files.push(...files.map(({ path, text }) => ({ path: `${target}/${path}`, text })));
    all.notes.push(...notes.map((note) => `${target}: ${note}`));
    all.problems[target] = problems;
    checks[target] = {
      ok: problems.length === 0,
      problems,
      unit: exporter.unit,
      domains: kept.length,
      leftOut: notes,
    };
  }
  all.files.push({ path: "CHECKS.json", text: `${JSON.stringify(checks, undefined, 2)}\n` });
  return all;
}
