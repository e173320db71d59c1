/**
 * Regret against runs spent: how far the best mixture measured is from the best there is, for every proposer and the loop of
 * NVIDIA's recipe, on RegMix's 768 published runs and on functions fitted to them. Each figure is a mean over seeds.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { mean } from "../../pipeline/math/stats.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { readRegmix, regmixFolder } from "../unit/predictor/regmix-runs.ts";
import type { BenchRow } from "./bench-row.ts";
import { oracleNames, type OracleName } from "./search/make-oracle.ts";
import { defaultSearch, methods, recipeLoop } from "./search/methods.ts";
import { proposeSpeed } from "./search/propose-speed.ts";
import type { Trace } from "./search/run-search.ts";
import { keptTrace, plannedSearches, type SearchPlan } from "./search/traces.ts";

/** Mean regret that the default may have on the pools after so many runs. */
const poolGates = new Map([
  [48, 0.006],
  [64, 0.001],
  [112, 0],
]);

/** The share of the recipe's loop's regret that the default may have after all runs. */
const shares: Readonly<Record<string, number>> = { smooth: 1 / 4, tree: 1 / 2, "noisy law": 1 / 2 };

const checkpoints = [32, 48, 64, 80, 112];

/**
 * @param options runs=DIR with RegMix's files; seeds=20; oracles= and methods= to run some of them, separated by ";"; cache=DIR
 * for searches that are done, which may be done in pieces: minutes=8 stops in between; workers=1 to leave cores free; speed=only
 * to time fit and proposal alone
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const { name, fitSeconds, proposeSeconds } = proposeSpeed();
  const speed = [
    row(`${name}, default`, "fit", "s", fitSeconds, { target: 5, met: fitSeconds <= 5 }),
    row(`${name}, default`, "propose 16", "s", proposeSeconds, { target: 2, met: proposeSeconds <= 2 }),
  ];
  if (options["speed"] === "only") return speed;
  const folder = options["runs"] ?? regmixFolder;
  await readRegmix(folder, "test"); // says at once where the runs are missing
  const chosen = (key: string, name: string) => options[key]?.split(";").includes(name) ?? true;
  const plan: SearchPlan = {
    cache: options["cache"] ?? join(packageRoot, "data", "bench", "search-cache"),
    folder,
    oracles: oracleNames.filter((oracle) => chosen("oracles", oracle)),
    methods: methods.map((method) => method.name).filter((method) => chosen("methods", method)),
    seeds: Array.from({ length: Number(options["seeds"] ?? 20) }, (_, seed) => `bench/search/${seed}`),
  };
  const minutes = Number(options["minutes"] ?? Infinity);
  const workers = Number(options["workers"] ?? availableParallelism());
  await searchAll(plan, workers, Date.now() + minutes * 60_000);
  return [
    ...speed,
    ...(await tracesByOracle(plan)).flatMap(([oracle, traces]) => oracleRows(oracle, traces)),
  ];
}

/** The searches shared out over so many processes. */
async function searchAll(plan: SearchPlan, workers: number, deadline: number): Promise<void> {
  const script = join(import.meta.dirname, "search", "search-worker.js");
  const children = Array.from({ length: workers }, (_, worker) =>
    spawn(process.execPath, [script, JSON.stringify(plan), `${worker}/${workers}`, String(deadline)], {
      stdio: "inherit",
    }),
  );
  for (const child of children) {
    const [code] = child.exitCode === null ? await once(child, "close") : [child.exitCode];
    if (code !== 0) throw new Error(`searches ended with ${String(code)}; run the benchmark again to go on`);
  }
}

/** Of each oracle, the traces by method; methods that are not done under every seed are left out, and said to be. */
async function tracesByOracle(plan: SearchPlan): Promise<[OracleName, Map<string, Trace[]>][]> {
  const byOracle = new Map(plan.oracles.map((oracle) => [oracle, new Map<string, Trace[]>()]));
  let missing = 0;
  for (const search of plannedSearches(plan)) {
    const trace = await keptTrace(plan.cache, search);
    if (trace === undefined) missing++;
    const traces = byOracle.get(search.oracle)!;
    const { name } = search.method;
    if (trace !== undefined) traces.set(name, [...(traces.get(name) ?? []), trace]);
  }
  for (const traces of byOracle.values()) {
    for (const [method, { length }] of traces) if (length < plan.seeds.length) traces.delete(method);
  }
  if (missing > 0) process.stderr.write(`${missing} searches are not done yet: run again to go on\n`);
  return [...byOracle];
}

function oracleRows(oracle: OracleName, traces: ReadonlyMap<string, readonly Trace[]>): BenchRow[] {
  const [kind = ""] = oracle.split(", ");
  const peers = traces.get(recipeLoop.name);
  const rows = [...traces].flatMap(([method, searches]) => {
    const measures: [string, (trace: Trace) => number, number | null][] = checkpoints.map((runs) => [
      `regret of the best measured after ${runs} runs`,
      (trace) => trace.regret[Math.min(runs, trace.regret.length) - 1]!,
      runs,
    ]);
    measures.push(["regret of the mixture it would train on", (trace) => trace.recommended, null]);
    return measures.map(([metric, of, runs]) => {
      const ours = meanWithInterval(searches.map(of));
      const peer = peers === undefined ? null : mean(peers.map(of));
      const isDefault = method === defaultSearch.name;
      const gate = isDefault && kind === "pool" && runs !== null ? poolGates.get(runs) : undefined;
      // A noisy measurement that looks best may not be: there, what would be trained on counts.
      const isLast = kind === "noisy law" ? runs === null : runs === checkpoints.at(-1);
      const share = isDefault && isLast && peer !== null ? shares[kind] : undefined;
      const target = gate ?? share ?? null;
      const met =
        gate !== undefined ? ours.mean <= gate : share !== undefined ? ours.mean <= share * peer! : null;
      return row(`${oracle}, ${method}`, metric, "loss", ours.mean, { ...ours, peer, target, met });
    });
  });
  return rows;
}

function meanWithInterval(values: readonly number[]): { mean: number; low: number; high: number } {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const half =
    values.length < 2 ? 0 : (1.96 * Math.sqrt(squares / (values.length - 1))) / Math.sqrt(values.length);
  return { mean: centre, low: centre - half, high: centre + half };
}

function row(
  name: string,
  metric: string,
  unit: string,
  ours: number,
  { peer = null, target, met, low, high }: Partial<BenchRow> & Pick<BenchRow, "target" | "met">,
): BenchRow {
  return {
    case: name,
    metric,
    unit,
    ours,
    peer,
    peerName: peer === null ? null : recipeLoop.name,
    ratio: peer === null || peer === 0 ? null : ours / peer,
    target,
    met,
    ...(low !== undefined && high !== undefined && { low, high }),
  };
}
