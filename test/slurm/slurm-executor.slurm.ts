/** The executor suite on a real cluster. */
import test, { after } from "node:test";
import { SlurmExecutor } from "../../pipeline/slurm/slurm-executor.ts";
import { executorSuite } from "../conformance/executor.suite.ts";
import { Cluster, whyNoCluster } from "./cluster.ts";
import { quickSlurm } from "./quick-slurm.ts";

const why = whyNoCluster();
if (why === undefined) {
  const cluster = await Cluster.start({ nodes: 2, cpusPerNode: 2, basePort: 17_300 });
  // Not a line after the suite: the process is made to exit when its last test has ended.
  after(() => cluster.stop());
  // JobLaunchFailure: so Slurm 22.05 calls the end of a task killed by SIGKILL.
  await executorSuite("slurm", () => new SlurmExecutor(quickSlurm()), /JobLaunchFailure/);
} else {
  await test("executor slurm", { skip: why }, () => {});
}
