/** The searches that are compared: each proposer with the predictor that suits it, and the recipe's loop. */
import type { Method } from "./run-search.ts";

const oneRound = [112];

export const recipeLoop: Method = {
  name: "recipe's loop",
  search: { proposer: "climb", rounds: [64, 32, 16], pool: 100_000, predictors: ["recipe-gbdt"] },
  predictor: "recipe-gbdt",
  recipePool: true,
};

/** The default, as a config without a search section has it. */
export const defaultSearch: Method = { name: "bayes", search: {}, predictor: "ensemble" };

export const methods: readonly Method[] = [
  defaultSearch,
  { name: "bayes, maximin start", search: { start: "maximin" }, predictor: "ensemble" },
  { name: "bayes, gp", search: { predictors: ["gp"] }, predictor: "gp" },
  { name: "bayes, 64/32/16", search: { rounds: [64, 32, 16] }, predictor: "ensemble" },
  { name: "thompson", search: { proposer: "thompson", predictors: ["gp"] }, predictor: "gp" },
  {
    name: "climb, paper's rounds",
    search: { proposer: "climb", rounds: [64, 32, 16], predictors: ["gbdt"] },
    predictor: "gbdt",
  },
  recipeLoop,
  {
    name: "regmix",
    search: { proposer: "regmix", rounds: oneRound, average: 100, predictors: ["gbdt"] },
    predictor: "gbdt",
  },
  { name: "olmix", search: { proposer: "olmix", predictors: ["log-linear"] }, predictor: "log-linear" },
  { name: "random", search: { proposer: "random", rounds: oneRound }, predictor: "ridge" },
];
