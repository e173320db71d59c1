import { InputError } from "../core/errors.ts";
import type { Manifest } from "../schema/manifest.ts";
import type {
  Exporter,
  ExportFile,
  ExportOptions,
  PhasedExport,
  PhaseMixture,
  ReadShare,
} from "./exporter.ts";
import { sharesOf } from "./shares.ts";

/** What is wrong with one target's files. A failure to read them is the one problem there is. */
export function checkExport(
  exporter: Exporter,
  files: readonly ExportFile[],
  manifest: Manifest,
  options: ExportOptions,
): string[] {
  return orProblem(() => compareShares(exporter.read(files, manifest, options), exporter, manifest, options));
}

/** The same for the files of a trainer that takes several phases; what is wrong names the phase. */
export function checkPhasedExport(
  exporter: Exporter,
  phased: PhasedExport,
  files: readonly ExportFile[],
  phases: readonly PhaseMixture[],
  startSteps: readonly number[],
  options: ExportOptions,
): string[] {
  return orProblem(() => {
    const read = phased.read(files, options);
    if (read.length !== phases.length) return [`it has ${read.length} phases, the manifest ${phases.length}`];
    return phases.flatMap(({ name, manifest }, i) => {
      const { startStep, shares } = read[i]!;
      const problems = compareShares(shares, exporter, manifest, options);
      if (startStep !== startSteps[i])
        problems.unshift(`it begins after ${startStep} steps, the manifest says ${startSteps[i]}`);
      return problems.map((problem) => `phase ${name}: ${problem}`);
    });
  });
}

function orProblem(check: () => string[]): string[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof InputError) return [error.message];
    throw error;
  }
}

/** Differences between what a trainer reads and what the manifest says, in the unit the trainer draws by. */
function compareShares(
  shares: readonly ReadShare[],
  exporter: Exporter,
  manifest: Manifest,
  options: ExportOptions,
): string[] {
  const problems: string[] = [];
  const { kept } = sharesOf(manifest, exporter, options);
  const expected = new Map(kept.map((entry) => [entry.domain.id, entry]));
  // One unit of the last decimal: the manifest itself may be rounded to other decimals.
  const tolerance = 1.000001 / (exporter.steps ?? 10 ** options.decimals);
  const seen = new Set<string>();
  for (const { domain, share, maxEpochs = Infinity } of shares) {
    const wanted = expected.get(domain);
    if (seen.has(domain)) problems.push(`${domain} is listed twice`);
    seen.add(domain);
    if (wanted === undefined) {
      problems.push(`${domain} should not be there: the manifest gives it no share`);
    } else if (!(share > 0)) {
      problems.push(`${domain} gets the share ${share}; it should be > 0 or left out`);
    } else if (Math.abs(share - wanted.share) > tolerance) {
      problems.push(`${domain} gets the share ${share}, the manifest says ${wanted.share}`);
    } else if (
      Math.trunc(wanted.domain.tokens * maxEpochs) < Math.trunc(share * manifest.budget.targetTokens)
    ) {
      problems.push(
        `${domain} may be repeated ${maxEpochs} times, but the mixture needs ${wanted.domain.epochs} epochs: the trainer stops`,
      );
    }
  }
  for (const id of expected.keys()) if (!seen.has(id)) problems.push(`${id} is missing`);
  // As decimals: a product below 2^50 is off by less than 1/8, so rounding restores the integer.
  const total = shares.reduce((sum, { share }) => sum + Math.round(share * 1e15), 0);
  if (total !== 1e15) problems.push(`the shares sum to ${total / 1e15}, not to exactly 1`);
  return problems;
}
