/**
 * An executor starts the shards of a step somewhere and says which are still being worked on. It never says
 * what is done: that is for the markers alone, so that a lost connection, a reused job id or a lying
 * scheduler cannot turn into a wrong result.
 */
export interface StepJob {
  /** Unique among live jobs, by which work can be found again. */
  readonly name: string;
  /** The stage the step belongs to: what resources an executor asks for goes by it. */
  readonly stage: string;
  /** Absolute path of the compiled stage script. */
  readonly entry: string;
  readonly stepDir: string;
  readonly shards: number;
}

export type ShardState =
  | { readonly state: "queued" | "running" }
  /** Waits for something that will not come by itself: a partition that is too small, a revoked account. */
  | { readonly state: "stuck"; readonly reason: string }
  | {
      readonly state: "ended";
      /** Null where the executor does not know it; the shard's own words may. */
      readonly exitCode: number | null;
      readonly reason: string;
      /** Somebody other than this executor stopped it. */
      readonly cancelled?: boolean;
    };

export interface Executor {
  readonly name: string;
  /** Shards it can run at once. */
  readonly width: number;
  /** How long the marker of a shard that has ended may take to be seen from here: shared file systems lag. */
  readonly markerDelayMilliseconds: number;
  /** Reasons why the job could not run, found before anything starts; empty when it can. */
  preflight(job: StepJob): Promise<string[]>;
  /** Start these shards. Starting a shard that runs already is allowed and harmless. */
  submit(job: StepJob, shards: readonly number[]): Promise<void>;
  /** The latest state of every shard submitted by this object; undefined while it cannot be known. */
  observe(job: StepJob): Promise<ReadonlyMap<number, ShardState> | undefined>;
  /** Resolves when observing again is worthwhile. */
  changed(job: StepJob): Promise<void>;
  /** Stop what runs; resolves when nothing does. */
  cancel(job: StepJob): Promise<void>;
  /** All shards are done: end copies of them that may still work, to no purpose. */
  settle(job: StepJob): Promise<void>;
  /** Paths of the files a shard's processes wrote their output to, oldest first. */
  logs(job: StepJob, shard: number): Promise<string[]>;
}

/** The arguments of the command that does one shard: the same for every executor. */
export function shardArguments(job: StepJob, shard: number): string[] {
  return [job.entry, "--step", job.stepDir, "--shard", `${shard}/${job.shards}`];
}
