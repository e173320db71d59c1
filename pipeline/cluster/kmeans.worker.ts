import { parentPort, workerData } from "node:worker_threads";
import { openEngine } from "./engine.ts";
import { PassWorker, type PassRequest } from "./passes.ts";
import type { WorkerStart } from "./pool-runner.ts";

const { job, engineName, changes, index, of } = workerData as WorkerStart;
const port = parentPort!;
const engine = await openEngine(engineName, {
  dim: job.points.dim,
  clusters: job.clusters,
  blockRows: job.blockRows,
});
const worker = new PassWorker(job, { engineName, engine }, changes, index, of);
// One request at a time: the pool sends the next when all threads have answered. A rejection is not
// caught here: it ends the thread, and the pool hears of it.
port.on("message", async (request: PassRequest) => port.postMessage(await worker.run(request)));
