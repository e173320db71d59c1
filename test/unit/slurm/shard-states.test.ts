import assert from "node:assert/strict";
import test from "node:test";
import { parseQueue } from "../../../pipeline/slurm/queue-format.ts";
import { shardStates } from "../../../pipeline/slurm/shard-states.ts";

/** As Slurm 22.05 answered on a cluster of this machine; jobs of other people stand between ours. */
const answer = `
12|0|COMPLETED|None|n1|climb offset 0
12|1|FAILED|NonZeroExitCode|n2|climb offset 0
12|2|FAILED|JobLaunchFailure|n2|climb offset 0
12|3|NODE_FAIL|NodeDown|n3|climb offset 0
14|3|RUNNING|None|n1|climb offset 0
12|4|CANCELLED|None||climb offset 0
13|0|PENDING|Resources||climb offset 1001
13|1|PENDING|PartitionConfig||climb offset 1001
13|2|PENDING|launch failed requeued held||climb offset 1001
99|N/A|RUNNING|None|n4|(null)
98|7|RUNNING|None|n4|somebody | else
`;

await test("each shard's latest word, and what lives over what has ended", () => {
  const submitted = [0, 1, 2, 3, 4, 5, 1001, 1002, 1003];
  const states = shardStates(parseQueue(answer), submitted);
  assert.deepEqual([...states.keys()], submitted);
  const of = (shard: number) => states.get(shard)!;
  assert.deepEqual(of(0), {
    state: "ended",
    exitCode: null,
    reason: "COMPLETED on n1, job 12",
    cancelled: false,
  });
  assert.deepEqual(of(1), {
    state: "ended",
    exitCode: null,
    reason: "FAILED (NonZeroExitCode) on n2, job 12",
    cancelled: false,
  });
  assert.deepEqual(of(3), { state: "running" });
  assert.deepEqual(of(4), { state: "ended", exitCode: null, reason: "CANCELLED, job 12", cancelled: true });
  assert.deepEqual(of(5), { state: "ended", exitCode: null, reason: "Slurm knows it no more" });
  assert.deepEqual(of(1001), { state: "queued" });
  assert.equal(of(1002).state, "stuck");
  assert.equal(of(1003).state, "stuck");
});

await test("a copy that still runs counts more than a later one that has ended", () => {
  const text = "20|0|RUNNING|None|n1|climb offset 0\n31|0|FAILED|NonZeroExitCode|n2|climb offset 0\n";
  assert.deepEqual(shardStates(parseQueue(text), [0]).get(0), { state: "running" });
});

await test("`CANCELLED by 1000`, as accounting prints it, is a cancellation too", () => {
  const state = shardStates(parseQueue("1|0|CANCELLED by 1000|None|n1|climb offset 0"), [0]).get(0)!;
  assert(state.state === "ended" && state.cancelled === true);
});
