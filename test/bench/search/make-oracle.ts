import { readRegmix, type RegmixRuns } from "../../unit/predictor/regmix-runs.ts";
import { lawOracle, type Oracle, poolOracle, smoothOracle, treeOracle } from "./oracles.ts";

export const oracleNames = [
  "pool, Pile-CC",
  "pool, mean of 13",
  "smooth, Pile-CC",
  "smooth, mean of 4",
  "tree, Pile-CC",
  "tree, mean of 4",
  "noisy law, mean of 4",
] as const;
export type OracleName = (typeof oracleNames)[number];

/** Losses that pull in different directions: what helps one costs another. */
const four = ["pile_cc", "arxiv", "github", "pubmed_central"];

/** Noise of one measurement, in deviations of the loss over the published runs. */
const lawNoise = 0.1;

/** @param folder RegMix's CSV files; all 768 runs of a 1M-parameter model are used */
export async function makeOracle(name: OracleName, folder: string): Promise<Oracle> {
  const runs = join(await readRegmix(folder, "train"), await readRegmix(folder, "test"));
  const [kind, objective] = name.split(", ") as [string, string];
  const indices = (names: readonly string[]) => names.map((loss) => runs.names.indexOf(loss));
  const losses =
    objective === "Pile-CC"
      ? indices(["pile_cc"])
      : objective === "mean of 4"
        ? indices(four)
        : runs.names.map((_, i) => i);
  switch (kind) {
    case "pool":
      return poolOracle(name, runs, losses);
    case "smooth":
      return smoothOracle(name, runs, losses);
    case "tree":
      return treeOracle(name, runs, losses);
    default:
      return lawOracle(name, runs, losses, lawNoise);
  }
}

function join(left: RegmixRuns, right: RegmixRuns): RegmixRuns {
  return {
    ...left,
    rows: left.rows + right.rows,
    weights: Float64Array.from([...left.weights, ...right.weights]),
    losses: left.losses.map((loss, i) => Float64Array.from([...loss, ...right.losses[i]!])),
  };
}
