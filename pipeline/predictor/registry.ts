/** The predictors that a config can name. Adding one: implement FitPredictor, add it here and to the schema. */
import { gbdt } from "./gbdt.ts";
import { logLinear } from "./log-linear.ts";
import type { FitPredictor } from "./predictor.ts";

export const predictors: Readonly<Record<string, FitPredictor>> = {
  "log-linear": logLinear(),
  gbdt: gbdt(),
};
