import type { ShardState } from "../core/executor.ts";
import type { QueueElement } from "./queue-format.ts";

const running: ReadonlySet<string> = new Set([
  "RUNNING",
  "COMPLETING",
  "SUSPENDED",
  "STOPPED",
  "SIGNALING",
  "STAGE_OUT",
  "RESIZING",
]);
const queued: ReadonlySet<string> = new Set([
  "PENDING",
  "CONFIGURING",
  "REQUEUED",
  "REQUEUE_FED",
  "REQUEUE_HOLD",
  "RESV_DEL_HOLD",
  "SPECIAL_EXIT",
]);

/** Reasons of a pending job that no waiting cures. */
const hopeless: ReadonlySet<string> = new Set([
  "AccountNotAllowed",
  "BadConstraints",
  "DependencyNeverSatisfied",
  "InvalidAccount",
  "InvalidQOS",
  "JobHeldAdmin",
  "PartitionConfig",
  "PartitionNodeLimit",
  "PartitionTimeLimit",
  "QOSNotAllowed",
  "launch_failed_requeued_held",
]);

/**
 * What Slurm says of each shard. Several elements may stand for one shard (attempts, copies): one that lives wins,
 * and among the ended the latest.
 *
 * @param submitted shards that this run started or took over; those Slurm does not list have ended, for it forgets
 *   jobs MinJobAge after their end, and all at once when its controller loses its state
 */
export function shardStates(
  elements: readonly QueueElement[],
  submitted: Iterable<number>,
): Map<number, ShardState> {
  const states = new Map<number, ShardState>();
  for (const shard of submitted) {
    states.set(shard, { state: "ended", exitCode: null, reason: "Slurm knows it no more" });
  }
  for (const element of elements.toSorted((left, right) => left.jobId - right.jobId)) {
    if (!states.has(element.shard)) continue;
    const state = stateOf(element);
    if (state.state === "ended" && isLive(states.get(element.shard)!)) continue;
    states.set(element.shard, state);
  }
  return states;
}

/** True for an element that Slurm works on or will. */
export function isLiveElement({ state }: QueueElement): boolean {
  return running.has(state) || queued.has(state);
}

function isLive({ state }: ShardState): boolean {
  return state !== "ended";
}

function stateOf({ state, reason, node, jobId }: QueueElement): ShardState {
  if (running.has(state)) return { state: "running" };
  if (queued.has(state)) {
    // Text formats print blanks in a reason as they are in some versions and as underscores in others.
    const name = reason.replaceAll(" ", "_");
    return hopeless.has(name) || name.startsWith("Invalid")
      ? { state: "stuck", reason: `Slurm keeps it PENDING (${reason})` }
      : { state: "queued" };
  }
  const where = node === "" ? "" : ` on ${node}`;
  return {
    state: "ended",
    exitCode: null,
    reason: `${state}${reason === "" || reason === "None" ? "" : ` (${reason})`}${where}, job ${jobId}`,
    cancelled: state.startsWith("CANCELLED"),
  };
}
