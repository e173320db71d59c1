export const states = ["ok", "changed", "missing"] as const;

/** One thing that `climb verify` looked at. */
export interface Verified {
  readonly kind: "manifest" | "config" | "input" | "artifact" | "export";
  readonly name: string;
  readonly state: (typeof states)[number];
  /** What is wrong, one sentence each; empty when all is well. */
  readonly problems: readonly string[];
}
