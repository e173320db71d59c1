import type { Sample } from "./sample-scorer.ts";

/** One walk over all rows, or over the seeding sample. */
export type PassRequest =
  | { readonly pass: "inspect" }
  | {
      readonly pass: "assign";
      readonly rounder: number;
      /** The sums start from nothing: book every row, not only those that moved. */
      readonly fresh: boolean;
      /** Use eight-bit codes. */
      readonly coded?: CodedPass;
    }
  | { readonly pass: "measure" }
  | { readonly pass: "take-sample"; readonly sample: Sample }
  | { readonly pass: "score-sample" };

/** How eight-bit codes are used: for labels as they are, or for lists of centroids that are then measured. */
export interface CodedPass {
  /** What one step of the points' codes is worth. */
  readonly quantum: number;
  /** Of centroids. */
  readonly largestCode: number;
  readonly labels: "coarse" | "exact";
}

/** What one thread found in its share of the blocks. */
export interface PassReply {
  /** Lowest row with a value that is not finite; Infinity if none. */
  readonly firstBadRow: number;
  /** Largest |value|. */
  readonly largest: number;
  /** Largest |value - origin|. */
  readonly largestOffset: number;
  /** Largest code of centroids whose products are exact on this CPU, where eight bits are used. */
  readonly largestCode: number;
  /** Rows that changed their cluster. */
  readonly moved: number;
  /** Rows whose eight-bit label was compared with the exact one, and how many of them agreed. */
  readonly compared: number;
  readonly agreed: number;
  /** Centroids on the lists of all rows, in exact passes by codes. */
  readonly listed: number;
}
