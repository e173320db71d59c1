import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { SlurmConfig } from "../../../pipeline/schema/slurm-config.ts";
import { gateScript } from "../../../pipeline/slurm/gate-script.ts";
import { shardScript, slurmJobName } from "../../../pipeline/slurm/shard-script.ts";

const job = {
  name: "climb:embed-0123456789ab:vectors",
  stage: "embed",
  entry: "/opt/it's here/dist/stages/embed.js",
  stepDir: "/scratch/my run/vectors",
  shards: 2000,
};

await test("a script holds everything that was asked for, and the shell reads it", () => {
  const config = SlurmConfig.parse({
    partition: "cpu",
    account: "lab",
    time: "2:00:00",
    cpus: 2,
    stages: { embed: { cpus: 8, memory: "16G" }, search: { gres: "gpu:1" } },
    throttle: 50,
    mail: { user: "me@lab.org" },
    setup: ["module load node/20"],
    command: ["apptainer", "exec", "image file.sif"],
    sbatchArguments: ["--nice=100"],
  });
  const script = shardScript(job, { offset: 1001, indices: [0, 1, 5] }, config);
  for (const line of [
    `#SBATCH --job-name=${slurmJobName(job)}`,
    '#SBATCH --comment="climb offset 1001"',
    "#SBATCH --array=0-1,5%50",
    '#SBATCH --output="/scratch/my run/vectors/logs/1001-%A_%a.out"',
    "#SBATCH --no-requeue",
    "#SBATCH --export=ALL",
    "#SBATCH --partition=cpu",
    "#SBATCH --account=lab",
    "#SBATCH --time=2:00:00",
    "#SBATCH --mem=16G",
    "#SBATCH --cpus-per-task=8",
    "#SBATCH --mail-user=me@lab.org",
    "#SBATCH --nice=100",
    "module load node/20",
  ]) {
    assert(script.split("\n").includes(line), `${line} is not in\n${script}`);
  }
  assert.doesNotMatch(script, /gres/);
  assert.match(
    script.trimEnd().split("\n").at(-1)!,
    /^exec apptainer exec .*--shard "\$\(\(SLURM_ARRAY_TASK_ID \+ 1001\)\)\/2000"$/,
  );
  execFileSync("bash", ["-n"], { input: script });
  // What the shell makes of the last line, with exec replaced by printing.
  const printed = execFileSync("bash", [], {
    input: script.replace("module load node/20", "").replace("exec ", "printf '%s\\n' "),
    env: { SLURM_ARRAY_TASK_ID: "5" },
    encoding: "utf8",
  });
  assert.deepEqual(printed.trimEnd().split("\n"), [
    "apptainer",
    "exec",
    "image file.sif",
    process.execPath,
    "--enable-source-maps",
    job.entry,
    "--step",
    job.stepDir,
    "--shard",
    "1006/2000",
  ]);
});

await test("names of the same step in two folders differ; those of one folder do not", () => {
  assert.equal(slurmJobName(job), slurmJobName({ ...job }));
  assert.notEqual(slurmJobName(job), slurmJobName({ ...job, stepDir: "/elsewhere" }));
});

await test("a gate waits for the one before, survives its time limit and ends with its coordinator's code", () => {
  const config = SlurmConfig.parse({ partition: "cpu", gate: { time: "12:00:00", cpus: 4 } });
  const gate = { runDir: "/scratch/run", stage: "embed", workingDirectory: "/tmp", after: 41 };
  const script = gateScript({ ...gate, command: ["sh", "-c", "exit 7"] }, config);
  assert.match(script, /^#SBATCH --dependency=afterok:41$/m);
  assert.match(script, /^#SBATCH --kill-on-invalid-dep=yes$/m);
  assert.match(script, /^#SBATCH --time=12:00:00$/m);
  assert.match(script, /^#SBATCH --cpus-per-task=4$/m);
  assert.throws(
    () => execFileSync("bash", [], { input: script }),
    (error: { status?: number }) => error.status === 7,
  );
  assert.doesNotMatch(gateScript({ ...gate, after: undefined, command: ["true"] }, config), /dependency/);
});
