/** The predictors that a config can name. Adding one: implement FitPredictor, add it here and to the schema. */
import { ensemble } from "./ensemble.ts";
import { gbdt, recipeGbdt } from "./gbdt.ts";
import { gp } from "./gp.ts";
import { logLinear } from "./log-linear.ts";
import { mixingLaw } from "./mixing-law.ts";
import { powerLaw } from "./power-law.ts";
import type { FitPredictor } from "./predictor.ts";
import { ridge } from "./ridge.ts";

export const predictors: Readonly<Record<string, FitPredictor>> = {
  ensemble: ensemble(),
  gp: gp(),
  gbdt: gbdt(),
  "power-law": powerLaw(),
  "log-linear": logLinear(),
  "mixing-law": mixingLaw(),
  ridge: ridge(),
};

/** The recipe's own, weaknesses included: after few runs one row decides when it stops. For comparison. */
export const peerPredictors: Readonly<Record<string, FitPredictor>> = { "recipe-gbdt": recipeGbdt() };
