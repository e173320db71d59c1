import { parentPort, workerData } from "node:worker_threads";

/** Stands in for kmeans.worker.ts: thread 1 fails at its first request, by throwing or by exiting. */
const { index, engineName } = workerData as { index: number; engineName: string };
parentPort!.on("message", () => {
  if (index !== 1) return;
  if (engineName === "onnxruntime") throw new Error("out of luck");
  // eslint-disable-next-line unicorn/no-process-exit -- the point of this worker
  process.exit(9);
});
