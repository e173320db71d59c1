import type { ExportConfig } from "../schema/export-config.ts";
import type { Manifest } from "../schema/manifest.ts";
import { checkExports } from "./check-exports.ts";
import type { ExportFile } from "./exporter.ts";
import { exporters } from "./exporters.ts";
import { droppedNotes } from "./notes.ts";
import { sharesOf } from "./shares.ts";

export interface Exports {
  /** `<target>/<file>` and CHECKS.json, relative to the exports folder. */
  files: ExportFile[];
  /** One line for each domain a target leaves out. */
  notes: string[];
  /** Target to what its check found; every list is empty when all is well. */
  problems: Record<string, readonly string[]>;
}

/**
 * Write the manifest for every target of the config, and check each by reading it back.
 *
 * @throws ConfigError if dataRoot holds white space or what a target cannot take; InputError if a domain's id is no
 * file name
 */
export function exportAll(manifest: Manifest, config: ExportConfig): Exports {
  const files = config.targets.flatMap((target) =>
    exporters[target].files(manifest, config).map(({ path, text }) => ({ path: `${target}/${path}`, text })),
  );
  const all: Exports = { files, notes: [], problems: {} };
  const checks: Record<string, unknown> = {};
  for (const { target, problems } of checkExports(files, manifest, config)) {
    const { kept, dropped } = sharesOf(manifest, exporters[target], config);
    const leftOut = droppedNotes(dropped);
    all.notes.push(...leftOut.map((note) => `${target}: ${note}`));
    all.problems[target] = problems;
    const { unit } = exporters[target];
    checks[target] = { ok: problems.length === 0, problems, unit, domains: kept.length, leftOut };
  }
  files.push({ path: "CHECKS.json", text: `${JSON.stringify(checks, undefined, 2)}\n` });
  return all;
}
