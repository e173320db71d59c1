/**
 * What squeue is asked for and how its answer is read. Fixed text columns, not --json: the JSON of Slurm changes
 * between versions (job_state is a string before 23.11 and a list after), the text does not.
 */

/** One element of a job array, as squeue lists it. */
export interface QueueElement {
  readonly jobId: number;
  readonly shard: number;
  /** PENDING, RUNNING, COMPLETED, ... in full. */
  readonly state: string;
  readonly reason: string;
  readonly node: string;
}

/** Array job, index, state, reason, nodes, comment. The comment comes last: the only column of ours. */
export const queueFormat = "%F|%K|%T|%r|%N|%k";

const offsetComment = /^climb offset (\d+)$/;

/** The comment that tells which shards the indices of an array stand for. */
export function commentOfOffset(offset: number): string {
  return `climb offset ${offset}`;
}

/**
 * @param text answer to `squeue --noheader --array --states=all --format=<queueFormat>`
 * @returns the elements of arrays that climb submitted; lines of other jobs are left out
 */
export function parseQueue(text: string): QueueElement[] {
  const elements: QueueElement[] = [];
  for (const line of text.split("\n")) {
    const [jobId, index, state, reason, node, ...comment] = line.trim().split("|");
    const offset = offsetComment.exec(comment.join("|"))?.[1];
    if (offset === undefined || !/^\d+$/.test(index!)) continue;
    elements.push({
      jobId: Number(jobId),
      shard: Number(index) + Number(offset),
      state: state!,
      reason: reason!,
      node: node!,
    });
  }
  return elements;
}
