import { parentPort, workerData } from "node:worker_threads";
import { type Int8EngineShape, openEngine, openInt8Engine } from "./engine.ts";
import type { PassRequest } from "./pass-messages.ts";
import { PassWorker } from "./passes.ts";
import type { WorkerStart } from "./pool-runner.ts";

const { job, engineName, models, kernelModule, changes, index, of } = workerData as WorkerStart;
const port = parentPort!;
const shape = { dim: job.points.dim, clusters: job.clusters, blockRows: job.blockRows };
const engine = await openEngine(engineName, shape, models);
const openInt8 = (shape: Int8EngineShape) => openInt8Engine(engineName, shape, models);
const worker = new PassWorker(job, { engine, openInt8, kernelModule }, changes, index, of);
// One request at a time: the pool sends the next when all threads have answered. A rejection is not
// caught here: it ends the thread, and the pool hears of it.
port.on("message", async (request: PassRequest) => port.postMessage(await worker.run(request)));
