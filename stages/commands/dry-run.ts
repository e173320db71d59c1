/** What a run would do: which stages are there already, which would run, and how much work they are. */
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { type Environment, planStage } from "../../pipeline/core/stage.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import { climb, type StageName, type StageRunner } from "../climb.ts";
import { type Cost, estimateSeconds, stageCost } from "./cost.ts";
import { formatCount, formatSeconds } from "./terminal.ts";

export interface PlannedStage {
  readonly stage: string;
  readonly state: "reuse" | "run";
  /** What of it is done by shards, by which script. */
  readonly steps: readonly string[];
  readonly entry: string;
  /** Null while an earlier stage has to run first: the name depends on its result. */
  readonly artifact: string | null;
  readonly cost: Cost | null;
  /** At the rate last measured on this machine; null where there is none. */
  readonly seconds: number | null;
}

/** Walk the stages without running any. */
export async function planRun(
  config: ClimbConfig,
  environment: Environment,
  until: StageName,
  timings: string,
): Promise<PlannedStage[]> {
  const planned: PlannedStage[] = [];
  const pending = new Set<Artifact>();
  const look: StageRunner = async (stage, stageConfig, inputs) => {
    const sharded = { steps: Object.keys(stage.steps), entry: stage.entry };
    const waits = Object.values<Artifact>(inputs).some((input) => pending.has(input));
    const plan = waits ? undefined : await planStage(stage, stageConfig, inputs, environment.artifactsDir);
    if (plan?.artifact !== undefined) {
      planned.push({
        stage: stage.name,
        ...sharded,
        state: "reuse",
        artifact: plan.name,
        cost: null,
        seconds: null,
      });
      return plan.artifact;
    }
    const cost = stageCost(stage.name, stageConfig, inputs, config);
    const seconds =
      cost === null ? null : await estimateSeconds(timings, stage.name, environment.workers, cost);
    planned.push({
      stage: stage.name,
      ...sharded,
      state: "run",
      artifact: plan?.name ?? null,
      cost,
      seconds,
    });
    const missing = {
      stage: stage.name,
      name: "",
      dir: "",
      fingerprint: "",
      inputs: {},
    } as unknown as Awaited<ReturnType<typeof look<typeof stageConfig, typeof inputs, never>>>;
    pending.add(missing);
    return missing;
  };
  await climb(config, environment, until, look);
  return planned;
}

export function planText(planned: readonly PlannedStage[]): string {
  const lines = planned.map(({ stage, state, artifact, cost, seconds }) => {
    const work =
      state === "reuse"
        ? (artifact ?? "")
        : cost === null
          ? "work known after the stages before it"
          : `${formatCount(cost.amount)} ${cost.unit}, ${seconds === null ? "no rate measured here yet" : `about ${formatSeconds(seconds)}`}`;
    return `${stage.padEnd(8)}  ${state.padEnd(5)}  ${work}`;
  });
  const known = planned.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
  const toRun = planned.filter(({ state }) => state === "run");
  const unknown = toRun.filter(({ seconds }) => seconds === null).length;
  lines.push(
    toRun.length === 0
      ? "nothing to run: every stage is reused"
      : `${toRun.length} stages to run: ${formatSeconds(known)} for those with a measured rate${unknown > 0 ? `, ${unknown} without one` : ""}`,
  );
  return `${lines.join("\n")}\n`;
}
