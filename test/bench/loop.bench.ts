/**
 * The whole loop on real text with real proxies: what the default finds, what NVIDIA's recipe and RegMix find with as many
 * trials, the natural and the uniform mixture, all trained as a model of four times the parameters and twice the tokens, on
 * text of kinds that no domain holds and no search has seen. Lower is better; a difference whose interval holds zero is none.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { mean } from "../../pipeline/math/stats.ts";
import { Random } from "../../pipeline/math/random.ts";
import { type Finalist, finalTable } from "../../pipeline/search/final-table.ts";
import type { Mixture } from "../../pipeline/search/proposer.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import type { BenchRow } from "./bench-row.ts";
import { Measurer, OutOfTime } from "./loop/measurer.ts";
import { budgetTrials, loops, runLoop } from "./loop/searches.ts";
import { type LoopSetting, prepareLoop } from "./loop/setting.ts";

const resamples = 2000;

/**
 * @param options loops=default,RegMix for some of them; seeds=4 of the large model; searches=1; workers=2 processes that train; cache=DIR for what they have trained,
 *   which may be done in pieces: minutes=8 stops in between
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const setting = await prepareLoop();
  const minutes = Number(options["minutes"] ?? Infinity);
  const measurer = new Measurer(
    options["cache"] ?? join(packageRoot, "data", "bench", "loop-cache"),
    setting.hash,
    Number(options["workers"] ?? availableParallelism()),
    Date.now() + minutes * 60_000,
  );
  const names = options["loops"]?.split(",");
  const asked = loops.filter(({ name }) => names === undefined || names.includes(name));
  const rows: BenchRow[] = [];
  try {
    for (let search = 0; search < Number(options["searches"] ?? 1); search++) {
      rows.push(...(await compare(search, asked, setting, measurer, Number(options["seeds"] ?? 4))));
    }
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    process.stderr.write("not all is trained yet: run again to go on\n");
  } finally {
    measurer.close();
  }
  return rows;
}

async function compare(
  search: number,
  asked: typeof loops,
  setting: LoopSetting,
  measurer: Measurer,
  seeds: number,
): Promise<BenchRow[]> {
  const answers = [];
  for (const loop of asked) answers.push(await runLoop(loop, setting, measurer, `bench/loop/${search}`));
  const regmix = answers.find(({ loop }) => loop.name === "RegMix");
  const { natural, uniform } = setting.allowed;
  const finalists = [
    ...answers.map(({ loop, mixture }) => finalist(loop.row, mixture)),
    finalist("natural", natural),
    finalist("uniform", uniform),
    ...(regmix === undefined ? [] : [finalist("best-random", regmix.bestMeasured)]),
  ];
  const measured = [];
  for (let seed = 0; seed < seeds; seed++) {
    measured.push(
      await measurer.measure(
        finalists.map(({ select: { weights } }) => ({
          model: "large",
          weights,
          seed: `bench/loop/large/${seed}`,
        })),
      ),
    );
  }
  const table = finalTable(
    finalists,
    setting.targets.confirm.map(({ name, documentBytes }) => ({
      name,
      weight: 1,
      groupSizes: [...documentBytes],
    })),
    measured.map((ofSeed) =>
      ofSeed.map(({ documentNats }) => ({
        groupLosses: documentNats.map((nats) => nats.map((value) => value / Math.LN2)),
      })),
    ),
    resamples,
    new Random("bench/loop/resample"),
  );

  const of = `search ${search + 1}, ${budgetTrials} trials a loop, ${seeds} seeds`;
  const names = new Map<string, string>([
    ...loops.map(({ name, row: at }) => [at, name] as const),
    ["best-random", `best of ${budgetTrials} random`],
  ]);
  const cpu = mean(measured.flat().map(({ cpuSeconds }) => cpuSeconds));
  return [
    ...answers.map(({ loop, bestObjective }) =>
      row(of, `${loop.name}, its best trial by its own model`, bestObjective),
    ),
    ...answers.map(({ loop, spent }) => ({
      ...row(of, `${loop.name}, its trials in those of the cheap model`, spent),
      unit: "trials",
    })),
    ...table.rows.map(({ name, confirmObjective, confirmInterval }) =>
      row(of, names.get(name) ?? name, confirmObjective, confirmInterval),
    ),
    ...table.rows
      .filter(({ name }) => name !== "found")
      .map(({ name }) => {
        const { difference, interval } = table.difference("found", name);
        return row(of, `default minus ${names.get(name) ?? name}`, difference, interval);
      }),
    { ...row(of, "CPU seconds of one large training", cpu), unit: "s" },
  ];
}

function finalist(name: Finalist["name"], mixture: Mixture): Finalist {
  const weights = [...mixture];
  const nothing = { losses: [], objective: 0, drawnTokens: [], epochs: [] };
  return { name, select: { key: name, weights, ...nothing } };
}

function row(of: string, metric: string, ours: number, interval?: { low: number; high: number }): BenchRow {
  const nothing = { peer: null, peerName: null, ratio: null, target: null, met: null };
  return { case: of, metric, unit: "bits per byte", ours, ...nothing, ...interval };
}
