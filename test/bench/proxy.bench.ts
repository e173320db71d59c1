/**
 * The transformer proxy against PyTorch in the same run: same model, initial weights, tokens and optimiser, one thread a
 * process, alone and two at once. The peer is measured where /usr/bin/python3 has it (apt install python3-torch
 * libopenblas0-pthread).
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { glob } from "tinyglobby";
import { z } from "zod";
import { writeNpy } from "../../pipeline/core/npy.ts";
import { Random } from "../../pipeline/math/random.ts";
import {
  initialParameters,
  type ModelShape,
  parametersOf,
  trainingFlops,
} from "../../pipeline/proxy/transformer/model.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import type { BenchRow } from "./bench-row.ts";

const Training = z.object({
  losses: z.array(z.number()),
  wallSeconds: z.array(z.number()),
  cpuSeconds: z.array(z.number()),
  version: z.string(),
});
type Training = z.infer<typeof Training>;

/** Steps of a run, of which the first few warm up. */
const steps = 14;
const warmup = 2;
const shapes: readonly (ModelShape & { batchSequences: number; targets: boolean })[] = [
  {
    vocabulary: 4096,
    width: 128,
    layers: 4,
    heads: 4,
    contextTokens: 128,
    positions: "learned",
    batchSequences: 16,
    targets: true,
  },
  {
    vocabulary: 2048,
    width: 48,
    layers: 2,
    heads: 4,
    contextTokens: 64,
    positions: "learned",
    batchSequences: 8,
    targets: false,
  },
];

/** About a minute on an idle machine. */
export async function run(): Promise<BenchRow[]> {
  const table: BenchRow[] = [];
  for (const shape of shapes) {
    const folder = await mkdtemp(join(tmpdir(), "climb-proxy-"));
    try {
      table.push(...(await measure(shape, folder)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return table;
}

async function measure(
  { batchSequences, targets, ...shape }: (typeof shapes)[number],
  folder: string,
): Promise<BenchRow[]> {
  await prepare(shape, batchSequences, folder);
  const tokens = shape.contextTokens * batchSequences;
  // In turns, twice: the better of each is the less disturbed.
  const alone = { ours: [] as Training[], peer: [] as Training[] };
  const sgemm: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    alone.ours.push(await trainOurs(folder));
    const peer = await trainPeer(folder);
    if (peer !== undefined) alone.peer.push(peer);
    sgemm.push(Number(await node("sgemm")), Number((await python("sgemm")) ?? 0));
  }
  const pair = await Promise.all([trainOurs(folder), trainOurs(folder)]);
  const peerPair = await Promise.all([trainPeer(folder), trainPeer(folder)]);

  const name = `V ${shape.vocabulary} d ${shape.width} L ${shape.layers} T ${shape.contextTokens} B ${batchSequences}`;
  const peerName = `PyTorch ${alone.peer[0]?.version ?? ""}, one thread`;
  const rate = (trainings: readonly Training[], of: "wallSeconds" | "cpuSeconds") =>
    Math.max(...trainings.map((training) => tokens / median(training[of].slice(warmup))));
  const row = (
    metric: string,
    unit: string,
    ours: number,
    peer: number | null,
    who: string,
    target: number | null,
  ): BenchRow => {
    const ratio = peer === null ? null : ours / peer;
    const goal = targets ? target : null;
    const met = goal === null || ratio === null ? null : ratio >= goal;
    return { case: name, metric, unit, ours, peer, peerName: who, ratio, target: goal, met };
  };
  const peerRate = (of: "wallSeconds" | "cpuSeconds") =>
    alone.peer.length === 0 ? null : rate(alone.peer, of);
  const together = (trainings: readonly (Training | undefined)[]) =>
    trainings.reduce(
      (sum, training) => sum + (training === undefined ? NaN : rate([training], "wallSeconds")),
      0,
    );
  const bothPeers = together(peerPair);
  const gigaflops = (trainingFlops(shape, tokens) / tokens / 1e9) * rate(alone.ours, "cpuSeconds");
  return [
    row(
      "training",
      "tokens per CPU-second",
      rate(alone.ours, "cpuSeconds"),
      peerRate("cpuSeconds"),
      peerName,
      1.6,
    ),
    row(
      "training",
      "tokens per second",
      rate(alone.ours, "wallSeconds"),
      peerRate("wallSeconds"),
      peerName,
      null,
    ),
    row(
      "two processes",
      "tokens per second",
      together(pair),
      Number.isNaN(bothPeers) ? null : bothPeers,
      `${peerName}, two processes`,
      null,
    ),
    row(
      "two processes over one",
      "tokens per second",
      together(pair),
      rate(alone.ours, "wallSeconds"),
      "one process",
      1.85,
    ),
    row(
      "arithmetic",
      "GFLOP per CPU-second",
      gigaflops,
      Math.max(...sgemm),
      "the faster sgemm of onnxruntime and OpenBLAS, one thread",
      0.75,
    ),
    sameLosses(name, alone.ours[0]!, alone.peer[0]),
  ];
}

/** Same weights and tokens must give the same losses, or the speeds compare nothing. */
function sameLosses(name: string, ours: Training, peer: Training | undefined): BenchRow {
  const difference =
    peer === undefined
      ? 0
      : Math.max(...ours.losses.map((loss, step) => Math.abs(loss - peer.losses[step]!)));
  return {
    case: name,
    metric: `largest difference of ${ours.losses.length} losses`,
    unit: "nats per token",
    ours: difference,
    peer: null,
    peerName: null,
    ratio: null,
    target: 1e-3,
    met: peer === undefined ? null : difference <= 1e-3,
  };
}

async function prepare(shape: ModelShape, batchSequences: number, folder: string): Promise<void> {
  const random = new Random("bench");
  const theta = initialParameters(shape, random.fork("theta"));
  const rows = steps * batchSequences;
  const length = shape.contextTokens + 1;
  // Zipf-like, so that there is something to learn.
  const tokens = Uint16Array.from({ length: rows * length }, () =>
    Math.min(shape.vocabulary - 1, Math.floor(shape.vocabulary ** random.uniform()) - 1),
  );
  const parameters = parametersOf(shape).map(({ name, shape: dims }) => [name, dims]);
  await writeFile(join(folder, "shape.json"), JSON.stringify({ ...shape, batchSequences, parameters }));
  await writeNpy(join(folder, "theta.npy"), theta, [theta.length]);
  await writeNpy(join(folder, "tokens.npy"), tokens, [rows, length]);
}

async function trainOurs(folder: string): Promise<Training> {
  return Training.parse(await node("train", folder, String(steps)));
}

async function node(...args: string[]): Promise<unknown> {
  const worker = join(import.meta.dirname, "proxy", "worker.js");
  return JSON.parse((await promisify(execFile)(process.execPath, [worker, ...args])).stdout);
}

async function trainPeer(folder: string): Promise<Training | undefined> {
  const output = await python("train", folder, String(steps));
  return output === undefined ? undefined : Training.parse(output);
}

/** What the peer printed, or undefined, with a note, where Python or the library is missing. */
async function python(...args: string[]): Promise<unknown> {
  const [blas] = await glob("/usr/lib/*/openblas-pthread/libopenblas.so.0", { absolute: true });
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...inherited } = process.env;
  const env = {
    ...inherited,
    OMP_NUM_THREADS: "1",
    OPENBLAS_NUM_THREADS: "1",
    ...(blas !== undefined && { LD_PRELOAD: blas }),
  };
  const program = join(packageRoot, "test", "bench", "proxy", "peer.py");
  try {
    return JSON.parse((await promisify(execFile)("/usr/bin/python3", [program, ...args], { env })).stdout);
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? String(error);
    process.stderr.write(`proxy bench: ${args[0]} is not measured: ${reason}\n`);
    return undefined;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!;
}
