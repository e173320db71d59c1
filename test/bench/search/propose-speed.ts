/** Seconds that the default takes to fit 112 runs x 20 domains x 13 metrics and to propose the next 16. */
import { Random } from "../../../pipeline/math/random.ts";
import { allowMixtures } from "../../../pipeline/mixture/allowed.ts";
import { limitsFromCaps } from "../../../pipeline/mixture/limits.ts";
import { createSampler } from "../../../pipeline/mixture/sampler.ts";
import { fitObjective } from "../../../pipeline/predictor/objective.ts";
import { predictors } from "../../../pipeline/predictor/registry.ts";
import { SearchConfig } from "../../../pipeline/schema/search-config.ts";
import { createProposer } from "../../../pipeline/search/create-proposer.ts";
import { measureLaw } from "../../unit/predictor/synthetic.ts";
import { defaultSearch } from "./methods.ts";

const [rows, domains, metrics, batch] = [112, 20, 13, 16];

export function proposeSpeed(): { name: string; fitSeconds: number; proposeSeconds: number } {
  const laws = Array.from({ length: metrics }, (_, metric) =>
    measureLaw({ rows, domains, noise: 0.02 * (metric + 1), name: "speed" }),
  );
  const { weights } = laws[0]!;
  const losses = laws.map(({ targets }) => targets);
  const prior = new Float64Array(domains).fill(1 / domains);
  const config = SearchConfig.parse(defaultSearch.search);
  const allowed = allowMixtures(
    limitsFromCaps(prior, new Float64Array(domains).fill(1), config.sampler.minWeight),
  );
  const sample = createSampler({ prior, allowed, sampler: config.sampler });

  const start = performance.now();
  const model = fitObjective(
    predictors[defaultSearch.predictor]!,
    { weights, rows, domains, losses, targetWeights: laws.map(() => 1) },
    new Random("speed"),
  );
  const fitted = performance.now();
  const proposed = createProposer(config).propose(
    {
      space: { domains, natural: allowed.natural, sample, repair: allowed.repair },
      trials: Array.from({ length: rows }, (_, row) => ({
        key: String(row),
        weights: [...weights.subarray(row * domains, (row + 1) * domains)],
        losses: [],
        objective: 0,
      })),
      pending: [],
      predictor: {
        model,
        objective: (mixture) => model.predict(mixture),
        objectiveAll: (mixtures) => model.predictAll(mixtures, domains),
      },
      targets: [],
      guards: [],
    },
    batch,
    new Random("speed"),
  );
  const end = performance.now();
  if (proposed.length !== batch) throw new Error(`${proposed.length} proposals should be ${batch}`);
  return {
    name: `${rows} runs x ${domains} domains x ${metrics} metrics`,
    fitSeconds: (fitted - start) / 1000,
    proposeSeconds: (end - fitted) / 1000,
  };
}
