/** One measurement of a benchmark, beside a peer where there is one. */
export interface BenchRow {
  readonly case: string;
  readonly metric: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  /** ours / peer */
  readonly ratio: number | null;
  /** What the ratio should reach, or ours where there is no peer. */
  readonly target: number | null;
  /** Computed from this run's figures; null without a target. */
  readonly met: boolean | null;
  /** 95 % interval of ours, where it is a mean over draws or seeds. */
  readonly low?: number;
  readonly high?: number;
}

export type Benchmark = (options: Readonly<Record<string, string>>) => Promise<BenchRow[]>;
