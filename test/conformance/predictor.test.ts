import { predictors } from "../../pipeline/predictor/registry.ts";
import { predictorSuite } from "./predictor.suite.ts";

for (const [name, fit] of Object.entries(predictors)) await predictorSuite(name, fit);
