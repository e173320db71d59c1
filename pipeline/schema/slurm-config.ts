/** Config section slurm: what the executor of that name asks the scheduler for. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";

/** YAML reads `time: 60` as a number. */
function textOrNumber(pattern: RegExp, message: string) {
  return z.union([z.string().regex(pattern, message), positiveInteger.transform(String)]);
}

const resourceShape = {
  partition: z.string().min(1).describe("sbatch --partition"),
  account: z.string().min(1).describe("sbatch --account"),
  qos: z.string().min(1).describe("sbatch --qos"),
  constraint: z.string().min(1).describe("sbatch --constraint"),
  time: textOrNumber(
    /^\d+(-\d+(:\d+){0,2})?$|^\d+(:\d+){1,2}$/,
    "should be minutes, H:MM:SS or D-HH:MM:SS",
  ).describe("Time limit of one shard; shards that can save are told 90 s before and go on in a new job"),
  memory: textOrNumber(/^\d+[KMGT]?$/, "should be a number with K, M, G or T behind it").describe(
    "sbatch --mem",
  ),
  cpus: positiveInteger.describe("sbatch --cpus-per-task"),
  gres: z.string().min(1).describe("sbatch --gres, for example gpu:1"),
};

const Resources = z.strictObject(resourceShape).partial();

export const SlurmConfig = z
  .strictObject({
    ...Resources.shape,
    stages: z
      .record(z.string().min(1), Resources)
      .default({})
      .describe("By stage name (embed, search, ...): what differs from the values above"),
    gate: Resources.prefault({}).describe(
      "climb run --detach: what the jobs that coordinate each stage ask for, where it differs",
    ),
    throttle: positiveInteger
      .nullable()
      .default(null)
      .describe("At most this many shards of one array at once (sbatch --array=...%N)"),
    mail: z
      .strictObject({
        user: z.string().min(1).describe("sbatch --mail-user"),
        type: z.string().min(1).default("FAIL").describe("sbatch --mail-type"),
      })
      .nullable()
      .default(null)
      .describe("Mail of the array jobs"),
    exclude: z.array(z.string().min(1)).default([]).describe("Nodes not to use"),
    setup: z
      .array(z.string().min(1))
      .default([])
      .describe("Shell lines before the shard: module load, source env.sh, export HF_HOME=..."),
    command: z
      .array(z.string().min(1))
      .default([])
      .describe("Put before the node command, for a container: [apptainer, exec, image.sif]"),
    sbatchArguments: z
      .array(z.string().startsWith("--"))
      .default([])
      .describe("Further arguments, one each: [--nice=100, --exclusive]"),
    requeue: z
      .boolean()
      .default(false)
      .describe("Let Slurm requeue preempted shards itself; climb starts failed ones again in any case"),
    maxPollSeconds: z
      .number()
      .gt(0)
      .default(30)
      .describe("The queue is asked after 1 s, then less and less often, down to once in this many seconds"),
    markerDelaySeconds: z
      .number()
      .min(0)
      .default(10)
      .describe("How long the result of a shard that ended may take to appear on the shared file system"),
  })
  .prefault({});

export type SlurmConfig = z.output<typeof SlurmConfig>;
export type SlurmResources = z.output<typeof Resources>;
