import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { exporters } from "../../pipeline/export/exporters.ts";
import { mixtureFolder } from "../../pipeline/export/materialized-mixture.ts";
import { sharesOf } from "../../pipeline/export/shares.ts";
import { Materialized } from "../../pipeline/materialize/materialized.ts";
import type { ExportConfig, ExportTarget } from "../../pipeline/schema/export-config.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";

/** Relative difference of a domain's tokens from its budget that is still the mixture; two documents are, in any case. */
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
  const { domains, shards, layout, requestedTokens } = parsed.data;
  const problems: string[] = [];
  if (layout !== "mixture") problems.push(`${folder} holds each document once, not the mixture`);
  const { kept } = sharesOf(manifest, exporter, config);
  const wanted = new Map(kept.map(({ domain, share }) => [domain.id, share]));
  for (const { id, tokens, documents, budgetTokens } of domains) {
    const expected = (wanted.get(id) ?? 0) * (requestedTokens ?? 0);
    const twoDocuments = documents === 0 ? 0 : (2 * tokens) / documents;
    if (
      Math.abs(budgetTokens - expected) > 1 + tolerance * expected ||
      Math.abs(tokens - budgetTokens) > Math.max(tolerance * expected, twoDocuments)
    ) {
      problems.push(
        `${folder}: ${id} has ${tokens} tokens, the mixture asks for ${expected.toFixed(0)} of ${requestedTokens}`,
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
