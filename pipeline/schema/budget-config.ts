/** Config section budget: the run the mixture is for. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";

export const BudgetConfig = z
  .strictObject({
    targetTokens: positiveInteger.describe("Tokens of the training run the mixture is for"),
    proxyTokens: positiveInteger
      .nullable()
      .default(null)
      .describe("Tokens one proxy trains on, with every domain's pool scaled alike; null is targetTokens"),
    maxEpochs: z
      .number()
      .positive()
      .default(4)
      .describe("Repetition cap: no domain is seen more often than this in targetTokens"),
  })
  .refine(({ targetTokens, proxyTokens }) => proxyTokens === null || proxyTokens <= targetTokens, {
    path: ["proxyTokens"],
    message: "should be <= targetTokens: a proxy stands for the run or a part of it",
  });

export type BudgetConfig = z.output<typeof BudgetConfig>;
