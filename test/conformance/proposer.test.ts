import { SearchConfig } from "../../pipeline/schema/search-config.ts";
import { createProposer } from "../../pipeline/search/create-proposer.ts";
import { proposerSuite } from "./proposer.suite.ts";

const suitable = [
  ["bayes", "gp"],
  ["bayes", "power-law"],
  ["climb", "ridge"],
  ["thompson", "gp"],
  ["thompson", "ridge"],
  ["regmix", "ridge"],
  ["olmix", "log-linear"],
  ["random", "ridge"],
] as const;

for (const [name, predictor] of suitable) {
  const config = SearchConfig.parse({
    proposer: name,
    candidates: 300,
    localCandidates: 100,
    pool: 300,
    average: 20,
  });
  await proposerSuite(name, createProposer(config), predictor);
}
