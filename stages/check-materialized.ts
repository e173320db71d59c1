import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { exporters } from "../pipeline/export/exporters.ts";
import { mixtureFolder } from "../pipeline/export/materialized-mixture.ts";
import { sharesOf } from "../pipeline/export/shares.ts";
import { Materialized } from "../pipeline/materialize/materialized.ts";
import type { ExportConfig, ExportTarget } from "../pipeline/schema/export-config.ts";
import type { Manifest } from "../pipeline/schema/manifest.ts";

/** Relative difference of a realised share from its weight that is still the mixture; whole documents may need one more. */
const tolerance = 0.001;

/**
 * Whether the written mixture of a trainer without weights holds the shares, where it lies on this machine. Of other trainers
 * nothing is said.
 */
export async function checkMaterialized(
  target: ExportTarget,
  manifest: Manifest,
  config: ExportConfig,
): Promise<{ problems: string[]; notes: string[] }> {
  const exporter = exporters[target];
  if (exporter.isMaterialized !== true) return { problems: [], notes: [] };
  const folder = mixtureFolder(target, config);
  const text = await readFile(join(folder, "materialized.json"), "utf8").catch(() => undefined);
  if (text === undefined) {
    return { problems: [], notes: [`no mixture in ${folder} here yet: materialize.sh writes it`] };
  }
  const parsed = Materialized.safeParse(JSON.parse(text));
  if (!parsed.success)
    return { problems: [`${folder}/materialized.json is not what climb writes`], notes: [] };
  const { domains, shards, layout, tokens } = parsed.data;
  const problems: string[] = [];
  if (layout !== "mixture") problems.push(`${folder} holds each document once, not the mixture`);
  const { kept } = sharesOf(manifest, exporter, config);
  const wanted = new Map(kept.map(({ domain, share }) => [domain.id, share]));
  for (const { id, share, tokens: own, documents } of domains) {
    const expected = wanted.get(id) ?? 0;
    const oneDocument = documents === 0 ? 0 : own / documents / tokens;
    if (Math.abs(share - expected) > Math.max(tolerance * expected, oneDocument)) {
      problems.push(
        `${folder}: ${id} has the share ${share} of the tokens, the mixture asks for ${expected}`,
      );
    }
  }
  for (const { path, bytes } of shards.flatMap(({ files }) => files)) {
    const found = await stat(join(folder, path)).catch(() => undefined);
    if (found?.size !== bytes)
      problems.push(`${folder}/${path}: ${found?.size ?? 0} bytes instead of ${bytes}`);
  }
  if (target === "nanochat" && shards.length < 2) {
    problems.push(`${folder} holds one file, which nanochat takes for validation alone`);
  }
  return { problems, notes: [] };
}
