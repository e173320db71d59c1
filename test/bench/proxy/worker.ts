/**
 * One process of the proxy benchmark: `worker.js train FOLDER STEPS` trains as the peer does (see peer.py for the
 * folder), `worker.js sgemm` measures onnxruntime's matrix product. Prints one JSON value.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readNpy } from "../../../pipeline/core/npy.ts";
import { Graph } from "../../../pipeline/onnx-graph/graph.ts";
import { openModel, tensorOver } from "../../../pipeline/onnx-graph/open-model.ts";
import { gemm } from "../../../pipeline/onnx-graph/products.ts";
import type { ModelShape } from "../../../pipeline/proxy/transformer/model.ts";
import { openTrainer } from "../../../pipeline/proxy/transformer/trainer.ts";

const [task = "", folder = "", steps = "0"] = process.argv.slice(2);
process.stdout.write(JSON.stringify(task === "sgemm" ? await sgemm() : await train(folder, Number(steps))));

async function train(folder: string, steps: number) {
  const { batchSequences, ...shape } = JSON.parse(
    await readFile(join(folder, "shape.json"), "utf8"),
  ) as ModelShape & { batchSequences: number };
  const initial = (await readNpy(join(folder, "theta.npy"))).data as Float32Array;
  const tokens = (await readNpy(join(folder, "tokens.npy"))).data;
  const trainer = await openTrainer({
    shape,
    batchSequences,
    optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 },
    schedule: { kind: "wsd", peakLearningRate: 1e-3, warmupShare: 0, decayShare: 0 },
  });
  const times: { wall: number; cpu: number }[] = [];
  const mark = () => {
    const { user, system } = process.cpuUsage();
    times.push({ wall: performance.now() / 1e3, cpu: (user + system) / 1e6 });
  };
  const length = shape.contextTokens + 1;
  const { losses } = await trainer.train({
    steps,
    initial,
    readSequence: (sequence, out) => {
      // A step begins with reading its first sequence.
      if (sequence % batchSequences === 0) mark();
      out.set(tokens.subarray(sequence * length, (sequence + 1) * length));
    },
  });
  mark();
  const between = (of: "wall" | "cpu") => times.slice(1).map((time, index) => time[of] - times[index]![of]);
  return { losses, wallSeconds: between("wall"), cpuSeconds: between("cpu"), version: "" };
}

/** GFLOP/s of square products, the fastest of several sizes. */
async function sgemm(): Promise<number> {
  let best = 0;
  for (const size of [512, 1024, 2048]) {
    const graph = new Graph();
    const product = gemm(graph.input("a", [size, size]), graph.input("b", [size, size]));
    const model = await openModel(graph.encode("sgemm", { c: product }));
    const matrix = () => tensorOver(new Float32Array(size * size).fill(0.5), [size, size]);
    const [inputs, outputs] = [{ a: await matrix(), b: await matrix() }, { c: await matrix() }];
    for (let repeat = 0; repeat < 2 ** 33 / size ** 3; repeat++) {
      const started = performance.now();
      await model.run(inputs, outputs);
      best = Math.max(best, (2 * size ** 3) / (performance.now() - started) / 1e6);
    }
    await model.close();
  }
  return best;
}
