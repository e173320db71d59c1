/** What a run has to say, as values. The library only emits; the terminal and events.jsonl are elsewhere. */
export type ProgressEvent =
  | { event: "stage"; stage: string; state: "started"; artifact: string }
  | { event: "stage"; stage: string; state: "reused" | "finished"; artifact: string; seconds: number }
  | { event: "work"; stage: string; step: string; done: number; total: number; unit: string }
  | { event: "metric"; stage: string; name: string; value: number }
  | { event: "retry"; stage: string; step: string; shard: number; attempt: number; reason: string }
  | { event: "note"; stage: string; text: string };

export type Progress = (event: ProgressEvent) => void;
