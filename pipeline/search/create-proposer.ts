/** The proposers that a config can name. Adding one: implement Proposer, add it here and to the schema. */
import type { SearchConfig } from "../schema/search-config.ts";
import type { Random } from "../math/random.ts";
import type { Mixture, Proposer } from "./proposer.ts";
import { bayes } from "./proposers/bayes.ts";
import { climb } from "./proposers/climb.ts";
import { olmix } from "./proposers/olmix.ts";
import { random } from "./proposers/random.ts";
import { regmix } from "./proposers/regmix.ts";
import { thompson } from "./proposers/thompson.ts";

export type ProposerConfig = Pick<
  SearchConfig,
  "proposer" | "pool" | "top" | "average" | "start" | "candidates" | "localCandidates" | "klWeight"
>;

/** How many of the best mixtures the candidates of bayes and thompson are refined around. */
const incumbents = 5;

/** @param samplePool how climb's later pools are drawn, where not as the first round is */
export function createProposer(config: ProposerConfig, samplePool?: (random: Random) => Mixture): Proposer {
  const { pool, top, average, start, klWeight } = config;
  const candidates = { pool: config.candidates, local: config.localCandidates, incumbents };
  const create: Record<ProposerConfig["proposer"], () => Proposer> = {
    bayes: () => bayes({ ...candidates, start }),
    climb: () => climb({ pool, top, ...(samplePool !== undefined && { samplePool }) }),
    regmix: () => regmix({ pool, average }),
    thompson: () => thompson(candidates),
    olmix: () => olmix({ klWeight }),
    random,
  };
  return create[config.proposer]();
}
