/** What a run that started from an earlier one found out about the domains of both: recluster.json. */
import { z } from "zod";
import { Drift } from "./assignment.ts";
import { TargetLoss } from "./search.ts";

/** What became of an old domain, or where a new one comes from. */
const Fate = z.enum(["kept", "split", "merged", "died", "born"]);

const Flow = z.strictObject({
  id: z.string(),
  /** Share of this domain's tokens that lies in the other one. */
  share: z.number(),
});

const Side = z.strictObject({
  id: z.string(),
  name: z.string(),
  tokens: z.int(),
  fate: Fate,
  /** The domains of the other side that it overlaps with by at least 1 % of its tokens, most first. */
  flows: z.array(Flow),
});

export const Recluster = z.strictObject({
  schemaVersion: z.literal(1),
  /** The earlier run's model. */
  from: z.string(),
  /** How this corpus lies in the old domains. */
  drift: Drift,
  /** Documents are those of this run; an old domain's are those the old model puts there. */
  old: z.array(Side),
  /** `fate` died does not occur. */
  new: z.array(Side),
  /** Pairs that are the same domain: each holds more than half of the other's tokens. */
  pairs: z.array(
    z.strictObject({
      old: z.string(),
      new: z.string(),
      /** Tokens in both over tokens in either. */
      overlap: z.number(),
      /** Euclidean, between the documents' means as their centroids give them. */
      centroidDistance: z.number(),
      /** Whether each is also the other's nearest by that distance. */
      nearestBothWays: z.boolean(),
    }),
  ),
  trials: z.strictObject({
    /** What had to be the same for earlier trials to say anything here, and is not; empty if they may. */
    differs: z.array(z.string()),
    earlier: z.int(),
    /** Largest mismatch of a domain that a carried trial may draw from. */
    tolerance: z.number(),
    carried: z.array(
      z.strictObject({
        /** In the earlier run's ledger. */
        key: z.string(),
        /** Over the new domains. */
        weights: z.array(z.number()),
        losses: z.array(TargetLoss),
        objective: z.number(),
        /** The largest of the domains it draws from: share of a draw that would be other documents now. */
        mismatch: z.number(),
      }),
    ),
    text: z.string(),
  }),
});

export type Recluster = z.infer<typeof Recluster>;
export type DomainSide = z.infer<typeof Side>;
export type CarriedTrial = Recluster["trials"]["carried"][number];
