/**
 * How well predictors fitted to a few of RegMix's runs order 256 other runs: Spearman correlation of predicted and
 * measured loss, mean over random draws of the training runs. The peer sees the same draws. And how long fits take.
 */
import { Random } from "../../pipeline/math/random.ts";
import { mean, spearman } from "../../pipeline/math/stats.ts";
import { fitObjective } from "../../pipeline/predictor/objective.ts";
import { predictRows } from "../../pipeline/predictor/predictor.ts";
import { predictors } from "../../pipeline/predictor/registry.ts";
import { SearchConfig } from "../../pipeline/schema/search-config.ts";
import { drawMixtures, measureLaw } from "../unit/predictor/synthetic.ts";
import { readRegmix, regmixFolder, type RegmixRuns } from "../unit/predictor/regmix-runs.ts";
import type { BenchRow } from "./bench-row.ts";
import { predictWithPeer, type PeerAnswer } from "./boosting-peer.ts";

const pileCc = "Pile-CC";
const averaged = "13 losses, averaged";
const summed = "mean of 13 losses";
type Goal = typeof pileCc | typeof averaged | typeof summed;

/** What the default should reach on the held-out runs. */
const gates: readonly { readonly size: number; readonly goal: Goal; readonly spearman: number }[] = [
  { size: 32, goal: pileCc, spearman: 0.96 },
  { size: 64, goal: pileCc, spearman: 0.983 },
  { size: 112, goal: pileCc, spearman: 0.988 },
  { size: 512, goal: pileCc, spearman: 0.994 },
  { size: 112, goal: averaged, spearman: 0.985 },
  { size: 112, goal: summed, spearman: 0.982 },
];

/** Spearman correlations this close are ties. */
const tie = 0.003;

const sizes = [16, 32, 64, 112, 256, 512];
const names = Object.keys(predictors);
const [defaultName = ""] = SearchConfig.parse(undefined).predictors;

interface Draw {
  readonly size: number;
  readonly rows: readonly number[];
  /** Indices of the losses to fit. */
  readonly losses: readonly number[];
}

/** Predictions of one draw: one array of test rows for each of its losses. */
type Predicted = readonly Float64Array[];

/**
 * @param options runs=DIR with RegMix's files; draws=20 of Pile-CC; full=3 of them with all 13 losses; losses=all to fit all
 * 13 also to all 512 runs, which takes minutes more
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const folder = options["runs"] ?? regmixFolder;
  const train = await readRegmix(folder, "train");
  const test = await readRegmix(folder, "test");
  const draws = drawRuns(train, {
    draws: Number(options["draws"] ?? 20),
    full: Number(options["full"] ?? 3),
    fullAtLast: options["losses"] === "all",
  });
  const peer = predictWithPeer({
    train: tableOf(train),
    test: tableOf(test),
    losses: train.losses.map((loss) => [...loss]),
    draws,
  });
  return [...speedRows(), ...sizes.flatMap((size) => orderRows(size, draws, train, test, peer))];
}

/** Fewer draws where a fit takes long, and one where it takes all runs. */
function drawRuns(
  { rows, losses, names: lossNames }: RegmixRuns,
  { draws, full, fullAtLast }: { draws: number; full: number; fullAtLast: boolean },
): Draw[] {
  const random = new Random("bench/predictors");
  const all = losses.map((_, loss) => loss);
  return sizes.flatMap((size) => {
    const [count, fullCount] =
      size === rows ? [1, fullAtLast ? 1 : 0] : size > 112 ? [Math.ceil(draws / 7), 1] : [draws, full];
    return Array.from({ length: count }, (_, draw) => ({
      size,
      rows: random.fork(`${size}/${draw}`).sampleWithoutReplacement(rows, size),
      losses: draw < fullCount ? all : [lossNames.indexOf("pile_cc")],
    }));
  });
}

/** The rows of one number of runs: every predictor, the default against the best other, the gates. */
function orderRows(
  size: number,
  allDraws: readonly Draw[],
  train: RegmixRuns,
  test: RegmixRuns,
  peer: PeerAnswer | undefined,
): BenchRow[] {
  const draws = allDraws.filter((draw) => draw.size === size);
  const peers = peer?.predicted.filter((_, i) => allDraws[i]!.size === size);
  const predicted = new Map(
    names.map((name) => [name, draws.map((draw) => predict(name, train, test, draw))]),
  );
  const goals: Goal[] = draws.every(isPileCcOnly) ? [pileCc] : [pileCc, averaged, summed];

  return goals.flatMap((goal) => {
    const score = (of: readonly Predicted[]) => meanSpearman(goal, draws, of, test);
    const peerScore = peers === undefined ? null : score(peers);
    const scores = new Map(names.map((name) => [name, score(predicted.get(name)!)]));
    const metric = `Spearman, ${goal}`;
    const rows = names.map((name) =>
      atLeast(`RegMix 1M, ${size} runs, ${name}`, metric, scores.get(name)!, {
        peer: peerScore,
        peerName: peer?.name ?? null,
        target: name === defaultName && peer !== undefined ? 1 : null,
      }),
    );
    const ours = scores.get(defaultName)!;
    const [best] = names
      .filter((name) => name !== defaultName)
      .toSorted((left, right) => scores.get(right)! - scores.get(left)!);
    rows.push(
      atLeast(`RegMix 1M, ${size} runs, default leads or ties`, metric, ours, {
        peer: scores.get(best!)!,
        peerName: best!,
        target: 1 - tie,
      }),
    );
    const gate = gates.find((candidate) => candidate.size === size && candidate.goal === goal);
    if (gate !== undefined) {
      const alone = { peer: null, peerName: null, target: gate.spearman };
      rows.push(atLeast(`RegMix 1M, ${size} runs, gate`, metric, ours, alone));
    }
    return rows;
  });
}

function predict(name: string, train: RegmixRuns, test: RegmixRuns, draw: Draw): Predicted {
  const { domains } = train;
  const weights = Float64Array.from(
    draw.rows.flatMap((row) => [...train.weights.subarray(row * domains, (row + 1) * domains)]),
  );
  return draw.losses.map((loss) => {
    const targets = Float64Array.from(draw.rows, (row) => train.losses[loss]![row]!);
    const random = new Random(name);
    const predictor = predictors[name]!({ weights, rows: draw.size, domains, targets, random });
    return predictRows(predictor, test.weights, domains);
  });
}

function meanSpearman(
  goal: Goal,
  draws: readonly Draw[],
  predicted: readonly Predicted[],
  test: RegmixRuns,
): number {
  const wanted = test.names.indexOf("pile_cc");
  const orders = draws.flatMap((draw, i) => {
    if (goal !== pileCc && isPileCcOnly(draw)) return [];
    const truths = draw.losses.map((loss) => test.losses[loss]!);
    if (goal === summed) return spearman(meanOf(truths), meanOf(predicted[i]!));
    const ofLosses = truths.map((truth, loss) => spearman(truth, predicted[i]![loss]!));
    return goal === pileCc ? ofLosses[draw.losses.indexOf(wanted)]! : mean(ofLosses);
  });
  return mean(orders);
}

function isPileCcOnly({ losses }: Draw): boolean {
  return losses.length === 1;
}

/** Seconds for 13 metrics of 112 runs of 20 domains, and to rank a pool of 20,000 by them. */
function speedRows(): BenchRow[] {
  const [rows, domains, metrics] = [112, 20, 13];
  const laws = Array.from({ length: metrics }, (_, metric) =>
    measureLaw({ rows, domains, noise: 0.02 * (metric + 1), name: "speed" }),
  );
  const measured = {
    weights: laws[0]!.weights,
    rows,
    domains,
    losses: laws.map(({ targets }) => targets),
    targetWeights: laws.map(() => 1),
  };
  const pool = drawMixtures(20_000, domains, new Random("pool"));
  const name = `${rows} runs x ${domains} domains x ${metrics} metrics`;
  return names.flatMap((predictor) => {
    const fitted = timed(() => fitObjective(predictors[predictor]!, measured, new Random("speed")));
    const predicted = timed(() => fitted.result.predictAll(pool, domains));
    const target = predictor === defaultName ? 5 : null;
    return [
      atMost(`${name}, ${predictor}`, "fit", fitted.seconds, target),
      atMost(`${name}, ${predictor}`, "predict 20,000 mixtures", predicted.seconds, null),
    ];
  });
}

function timed<T>(work: () => T): { result: T; seconds: number } {
  const start = performance.now();
  const result = work();
  return { result, seconds: (performance.now() - start) / 1000 };
}

function meanOf(columns: readonly Float64Array[]): Float64Array {
  return columns[0]!.map((_, row) => mean(columns.map((column) => column[row]!)));
}

function tableOf({ weights, rows, domains }: RegmixRuns): number[][] {
  return Array.from({ length: rows }, (_, i) => [...weights.subarray(i * domains, (i + 1) * domains)]);
}

function atLeast(
  name: string,
  metric: string,
  ours: number,
  { peer, peerName, target }: Pick<BenchRow, "peer" | "peerName" | "target">,
): BenchRow {
  const ratio = peer === null ? null : ours / peer;
  const reached = peerName === null ? ours : ratio;
  const met = reached === null || target === null ? null : reached >= target;
  return { case: name, metric, unit: "", ours, peer, peerName, ratio, target, met };
}

function atMost(name: string, metric: string, ours: number, target: number | null): BenchRow {
  const met = target === null ? null : ours <= target;
  return { case: name, metric, unit: "s", ours, peer: null, peerName: null, ratio: null, target, met };
}
