/** The benchmark's searches, each kept in a file, so that it may be stopped and gone on with. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../pipeline/core/atomic-file.ts";
import { hashJson } from "../../../pipeline/core/hash.ts";
import { makeOracle, type OracleName } from "./make-oracle.ts";
import { methods } from "./methods.ts";
import type { Oracle } from "./oracles.ts";
import { type Method, runSearch, type Trace } from "./run-search.ts";

/** Raised when the same search goes another way: another predictor, proposer or oracle under the same name. */
const version = 3;

export interface SearchPlan {
  /** Where traces are kept, and RegMix's files lie. */
  readonly cache: string;
  readonly folder: string;
  readonly oracles: readonly OracleName[];
  /** Names of methods. */
  readonly methods: readonly string[];
  readonly seeds: readonly string[];
}

interface PlannedSearch {
  readonly oracle: OracleName;
  readonly method: Method;
  readonly seed: string;
}

/** All searches, oracle by oracle. */
export function plannedSearches({ oracles, methods: names, seeds }: SearchPlan): PlannedSearch[] {
  const chosen = methods.filter(({ name }) => names.includes(name));
  return oracles.flatMap((oracle) =>
    chosen.flatMap((method) => seeds.map((seed) => ({ oracle, method, seed }))),
  );
}

export async function keptTrace(cache: string, search: PlannedSearch): Promise<Trace | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(cache, search), "utf8")) as Trace;
  } catch {
    return undefined;
  }
}

/** Does every `of`-th of the searches that are missing, until `deadline` (of Date.now()). */
export async function doSearches(
  plan: SearchPlan,
  index: number,
  of: number,
  deadline: number,
): Promise<void> {
  let made: Oracle | undefined;
  const mine = plannedSearches(plan).filter((_, search) => search % of === index);
  for (const search of mine) {
    if ((await keptTrace(plan.cache, search)) !== undefined) continue;
    if (Date.now() > deadline) return;
    if (made?.name !== search.oracle) made = await makeOracle(search.oracle, plan.folder);
    const trace = await runSearch(made, search.method, search.seed);
    await writeFileAtomic(pathOf(plan.cache, search), `${JSON.stringify(trace)}\n`);
  }
}

function pathOf(cache: string, { oracle, method, seed }: PlannedSearch): string {
  return join(cache, `${hashJson({ version, oracle, method, seed }).slice(0, 16)}.json`);
}
