/** What a run has to say, as values. The library only emits; the terminal and events.jsonl are elsewhere. */
export type ProgressEvent =
  | { event: "stage"; stage: string; state: "started"; artifact: string }
  | { event: "stage"; stage: string; state: "reused" | "finished"; artifact: string; seconds: number }
  /** A step done by shards has ended; `reused` of them were done by an earlier attempt at the stage. */
  | { event: "step"; stage: string; step: string; shards: number; reused: number; seconds: number }
  | { event: "work"; stage: string; step: string; done: number; total: number; unit: string }
  | { event: "metric"; stage: string; name: string; value: number }
  | { event: "retry"; stage: string; step: string; shard: number; attempt: number; reason: string }
  | { event: "note"; stage: string; text: string };

export type Progress = (event: ProgressEvent) => void;
