/** The table the run ends with: every named mixture on the confirm text, paired with natural. */
import { bootstrapObjective } from "../math/bootstrap.ts";
import type { Random } from "../math/random.ts";
import type { FinalMixture, Trial } from "../schema/search.ts";

export interface Finalist {
  readonly name: FinalMixture["name"];
  /** Its trial on the text the search saw. */
  readonly select: Trial;
}

/** One proxy's losses on the confirm text, document by document. */
export interface ConfirmMeasurement {
  /** In the order of the targets. */
  readonly documentNats: readonly (readonly number[])[];
}

/** The confirm text that the measurements are about. */
export interface ConfirmTarget {
  readonly name: string;
  readonly weight: number;
  readonly documentBytes: Uint32Array;
}

/**
 * @param measured one row per seed, one measurement per finalist
 * @throws RangeError if no finalist is called natural
 */
export function finalTable(
  finalists: readonly Finalist[],
  targets: readonly ConfirmTarget[],
  measured: readonly (readonly ConfirmMeasurement[])[],
  resamples: number,
  random: Random,
): FinalMixture[] {
  const natural = finalists.findIndex(({ name }) => name === "natural");
  if (natural < 0) throw new RangeError("finalists should hold natural: differences are to it");

  // Seeds vary which documents train the proxy; their mean is what one expects of the mixture.
  const meanNats = targets.map((_, target) =>
    finalists.map((_, finalist) =>
      meanOverSeeds(measured.map((seed) => seed[finalist]!.documentNats[target]!)),
    ),
  );
  const bootstrap = bootstrapObjective(
    targets.map(({ weight, documentBytes }, target) => ({
      weight,
      documentNats: meanNats[target]!,
      documentBytes,
    })),
    resamples,
    random,
  );
  const differences = bootstrap.differencesTo(natural);

  return finalists.map(({ name, select }, finalist) => {
    const perSeed = measured.map((seed) => objective(targets, seed[finalist]!.documentNats));
    return {
      name,
      weights: select.weights,
      selectBitsPerByte: select.objectiveBitsPerByte,
      confirmBitsPerByte: bootstrap.objective[finalist]!,
      seedDeviation: sampleDeviation(perSeed),
      confirmInterval: bootstrap.intervals[finalist]!,
      confirmLosses: targets.map(({ name: target, documentBytes }, index) => ({
        target,
        bitsPerByte: lossBitsPerByte(meanNats[index]![finalist]!, documentBytes),
      })),
      differenceToNatural: differences[finalist]!.difference,
      differenceInterval: { low: differences[finalist]!.low, high: differences[finalist]!.high },
      drawnTokens: select.drawnTokens,
      epochs: select.epochs,
    };
  });
}

function meanOverSeeds(seeds: readonly (readonly number[])[]): Float64Array {
  const mean = new Float64Array(seeds[0]!.length);
  for (const nats of seeds) nats.forEach((value, document) => (mean[document]! += value / seeds.length));
  return mean;
}

function objective(targets: readonly ConfirmTarget[], nats: readonly (readonly number[])[]): number {
  let sum = 0;
  let total = 0;
  targets.forEach(({ weight, documentBytes }, target) => {
    sum += weight * lossBitsPerByte(nats[target]!, documentBytes);
    total += weight;
  });
  return sum / total;
}

function lossBitsPerByte(nats: ArrayLike<number>, bytes: Uint32Array): number {
  let sum = 0;
  for (let document = 0; document < nats.length; document++) sum += nats[document]!;
  return sum / Math.LN2 / bytes.reduce((total, size) => total + size, 0);
}

function sampleDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
