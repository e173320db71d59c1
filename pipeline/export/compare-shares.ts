import { InputError } from "../core/errors.ts";
import type { Manifest } from "../schema/manifest.ts";
import type { Exporter, ExportFile, ExportOptions, ReadShare } from "./exporter.ts";
import { type KeptDomain, sharesOf } from "./shares.ts";

/** The file of that path. InputError if it is missing. */
export function fileText(files: readonly ExportFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new InputError(`${path} is missing`, "export again");
  return file.text;
}

/** Read what was written; a failure to read is the one problem there is. */
export function checkByReading(
  exporter: Exporter,
  files: readonly ExportFile[],
  manifest: Manifest,
  { decimals }: ExportOptions,
): string[] {
  let shares: ReadShare[];
  try {
    shares = exporter.read(files);
  } catch (error) {
    if (error instanceof InputError) return [error.message];
    throw error;
  }
  return compareShares(shares, sharesOf(manifest, exporter.unit, decimals).kept, decimals);
}

/** Differences between what a trainer read and what the manifest says, in the unit the trainer draws by. */
function compareShares(
  shares: readonly ReadShare[],
  kept: readonly KeptDomain[],
  decimals: number,
): string[] {
  const problems: string[] = [];
  const expected = new Map(kept.map(({ domain, share }) => [domain.id, share]));
  const seen = new Set<string>();
  for (const { domain, share } of shares) {
    if (seen.has(domain)) problems.push(`${domain} is listed twice`);
    seen.add(domain);
    const wanted = expected.get(domain);
    if (!(share > 0)) problems.push(`${domain} has the share ${share}; it should be > 0 or left out`);
    else if (wanted === undefined)
      problems.push(`${domain} should not be there: the manifest gives it no share`);
    // One unit of the last decimal: the manifest itself may be rounded to other decimals.
    else if (Math.abs(share - wanted) > 1.000001 * 10 ** -decimals) {
      problems.push(`${domain} has the share ${share}, the manifest says ${wanted}`);
    }
  }
  for (const id of expected.keys()) if (!seen.has(id)) problems.push(`${id} is missing`);
  // As decimals: a product below 2^50 is off by less than 1/8, so rounding restores the integer.
  const total = shares.reduce((sum, { share }) => sum + Math.round(share * 1e15), 0);
  if (total !== 1e15) problems.push(`the shares sum to ${total / 1e15}, not to exactly 1`);
  return problems;
}
