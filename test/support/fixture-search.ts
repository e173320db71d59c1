/** The made-up search of the search fixture. */
import type { Random } from "../../pipeline/math/random.ts";
import { normalise, projectOntoBounds } from "../../pipeline/math/simplex.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import type { Domain } from "../../pipeline/schema/domain.ts";
import { type FinalMixture, SearchResult, type Trial, type Verdict } from "../../pipeline/schema/search.ts";
import { lowest } from "../../pipeline/search/score.ts";
import { taskCorrelations } from "../../pipeline/search/task-correlations.ts";

export function makeSearch(
  domains: readonly Domain[],
  config: ClimbConfig,
  claim: Verdict["claim"],
  foundWeights: readonly number[] | undefined,
  random: Random,
): SearchResult {
  const naturalWeights = domains.map(({ naturalShare }) => naturalShare);
  const caps = domains.map(({ tokens }) =>
    Math.min(1, (config.budget.maxEpochs * tokens) / config.budget.targetTokens),
  );
  // What the made-up proxy likes: some domains more than others, none alone.
  const liking = domains.map(() => random.normal());
  const loss = (weights: ArrayLike<number>) =>
    2.31 +
    domains.reduce((sum, _, i) => sum - 0.12 * Math.exp(0.7 * liking[i]!) * Math.sqrt(weights[i]!) * 0.5, 0) +
    0.002 * random.normal();
  const draw = (strength: number) =>
    projectOntoBounds(
      normalise(naturalWeights.map((share) => share ** 0.5 * Math.exp(strength * random.normal()))),
      caps,
    );
  const toward = projectOntoBounds(normalise(liking.map((value) => Math.exp(1.4 * value))), caps);
  let trialNumber = 0;
  const trial = (weights: ArrayLike<number>): Trial => {
    const objective = loss(weights);
    return {
      key: `trial-${trialNumber++}`,
      weights: Array.from(weights),
      losses: [
        { target: "fiction", loss: objective + 0.05 },
        { target: "learned", loss: objective - 0.1 },
      ],
      domainLosses: domains.map(({ id }, i) => ({
        domain: id,
        bitsPerByte: objective + 0.2 - 0.1 * Math.sqrt(weights[i]!),
      })),
      taskScores: { made_up_task: 0.9 - 0.2 * objective },
      objective: objective,
      drawnTokens: Array.from(weights, (weight) => Math.round(weight * config.budget.targetTokens)),
      epochs: Array.from(weights, (weight, i) => (weight * config.budget.targetTokens) / domains[i]!.tokens),
    };
  };

  const trials: Trial[] = [];
  let best = Infinity;
  const rounds = config.search.rounds.map((count, round) => {
    const measured = Array.from({ length: count }, () => {
      const free = draw(1.2 / (round + 1));
      return trial(free.map((weight, i) => weight * (1 - 0.35 * round) + toward[i]! * 0.35 * round));
    });
    trials.push(...measured);
    best = Math.min(best, ...measured.map(({ objective }) => objective));
    return {
      round: round + 1,
      trials: measured.map(({ key }) => key),
      bestObjective: best,
      predictors: [
        {
          predictor: "log-linear",
          spearman: 0.91 + 0.02 * round,
          kendall: 0.77,
          r2: 0.86,
          rmse: 0.0071 - 0.001 * round,
          coverage: [
            { nominal: 0.68, measured: 0.7 },
            { nominal: 0.9, measured: 0.91 },
            { nominal: 0.95, measured: 0.94 },
          ],
        },
        {
          predictor: "gbdt",
          spearman: 0.82 + 0.02 * round,
          kendall: 0.64,
          r2: 0.7,
          rmse: 0.0112,
          coverage: [],
        },
      ],
      chosenPredictor: "log-linear",
      baseline: {
        predictor: "ridge",
        spearman: 0.8,
        kendall: 0.61,
        r2: 0.66,
        rmse: 0.0131,
        coverage: [],
      },
      constant: false,
      predictedObjective:
        round === 0 ? null : measured.map(({ objective }) => objective + 0.004 * random.normal()),
    };
  });
  const randomTrials = Array.from({ length: trials.length }, () => trial(draw(1.2)));
  const natural = projectOntoBounds(naturalWeights, caps);
  const bestRandom = lowest(randomTrials);
  const bestMeasured = lowest(trials);
  const found = foundWeights ?? toward;
  const shift = {
    gain: -0.0312,
    "no gain beyond noise": -0.0021,
    loss: 0.0177,
    "too little confirm text": -0.0312,
    "guard not kept": -0.0312,
  }[claim];
  const candidates: [FinalMixture["name"], ArrayLike<number>, number][] = [
    ["found", found, shift],
    ["natural", natural, 0],
    [
      "uniform",
      projectOntoBounds(
        natural.map(() => 1 / natural.length),
        caps,
      ),
      0.0094,
    ],
    ["best-random", bestRandom.weights, shift * 0.6],
    ["predicted-best", found, shift],
    ["top-average", natural.map((weight, i) => (weight + found[i]!) / 2), shift * 0.8],
    ["best-measured", bestMeasured.weights, shift * 0.9],
  ];
  const finalTrials = candidates.map(([, weights]) => trial(weights));
  const final = candidates.map(([name, weights, difference], i): FinalMixture => {
    const confirm = 2.1847 + difference;
    const width = name === "natural" ? 0 : 0.0046;
    return {
      name,
      weights: Array.from(weights),
      selectObjective: finalTrials[i]!.objective,
      confirmObjective: confirm,
      seedDeviation: 0.0007 + 0.0001 * i,
      confirmInterval: { low: confirm - 0.0241, high: confirm + 0.0252 },
      confirmLosses: [
        { target: "fiction", loss: confirm + 0.05 },
        { target: "learned", loss: confirm - 0.1 },
      ],
      differenceToNatural: difference,
      differenceInterval: { low: difference - width, high: difference + width },
      pValue: name === "natural" ? null : 0.0004,
      adjustedPValue: name === "natural" || name === "found" ? null : 0.002,
      targetDifferences: ["fiction", "learned"].map((target) => ({
        target,
        difference: difference,
        interval: { low: difference - width, high: difference + width },
      })),
      drawnTokens: finalTrials[i]!.drawnTokens,
      epochs: finalTrials[i]!.epochs,
    };
  });
  const { differenceInterval: interval } = final[0]!;
  const range = `(95 % interval ${interval.low.toFixed(4)} to ${interval.high.toFixed(4)})`;
  const texts = {
    gain: `The found mixture beats the natural one on held-out text: ${shift.toFixed(4)} bits per byte ${range}.`,
    loss: `The found mixture is worse than the natural one on held-out text: ${shift.toFixed(4)} bits per byte ${range}.`,
    "guard not kept": `Not shown to keep learned: ${shift.toFixed(4)} bits per byte ${range}.`,
    "too little confirm text": `No verdict: ${shift.toFixed(4)} bits per byte ${range}.`,
    "no gain beyond noise": `The found mixture's difference to the natural one is within noise: ${shift.toFixed(4)} bits per byte ${range}.`,
  };
  return SearchResult.parse({
    domains: domains.map(({ id }) => id),
    maxWeights: caps,
    naturalWeights,
    rounds,
    trials: [...trials, ...finalTrials, ...randomTrials],
    paretoTrials: [trials[0]!.key, bestMeasured.key],
    diagnosis: {
      learningCurve: [
        { trials: 16, spearman: 0.7 },
        { trials: 32, spearman: 0.8 },
        { trials: 64, spearman: 0.9 },
      ],
      dependence: domains.map((_, i) => ({
        weights: [0, 0.1, 0.2],
        objective: [2.3, 2.3 - 0.01 * liking[i]!, 2.3 - 0.015 * liking[i]!],
      })),
    },
    flatness: {
      tolerance: 0.0046,
      domains: Array.from(found, (weight) => ({ low: weight * 0.8, high: Math.min(1, weight * 1.3 + 0.01) })),
    },
    randomTrials: randomTrials.map(({ key }) => key),
    finalTrials: finalTrials.map(({ key }) => key),
    cheaper: [
      {
        proxy: "ngram/3 order=1",
        tokens: 600_000,
        cost: 0.125,
        rounds: rounds.map(({ trials: keys }) => [...keys, ...keys].map((key, i) => `${key}/cheap/${i}`)),
        trials: trials.slice(0, 4).map((of) => ({ ...of, key: `${of.key}/cheap/0` })),
        spearman: 0.87,
      },
    ],
    foundBy: "predicted-best",
    final,
    taskCorrelations: taskCorrelations(trials, [
      { name: "fiction", weight: 1 },
      { name: "learned", weight: 1 },
    ]),
    validationText: domains.map(({ id }) => ({ domain: id, selectBytes: 9000, confirmBytes: 8000 })),
    finalPredictions: finalTrials.map(({ objective }) => ({
      objective: objective + 0.001,
      interval: { low: objective - 0.01, high: objective + 0.012 },
    })),
    proxyChecks: [
      {
        use: "search",
        proxy: "ngram/3 order=3",
        mixtures: 4,
        seeds: 3,
        seedDeviation: 0.0011,
        spread: 0.021,
        bigram: null,
        warnings: [],
      },
      {
        use: "confirm",
        proxy: "transformer/1 {}",
        mixtures: 5,
        seeds: 3,
        seedDeviation: 0.004,
        spread: 0.006,
        bigram: { proxyBitsPerByte: 2.31, bigramBitsPerByte: 2.3 },
        warnings: ["the confirm proxy (2.3100 bits per byte) does not beat a bigram model"],
      },
    ],
    verdict: {
      claim,
      difference: shift,
      interval,
      guards:
        claim === "guard not kept"
          ? [
              {
                target: "learned",
                tolerance: 0,
                confidence: 0.95,
                upper: 0.004,
                kept: false,
              },
            ]
          : [],
      againstRandom: { difference: shift / 2, interval },
      text: texts[claim],
    },
  });
}
