/**
 * Readers against what merely decompresses: MB of decompressed bytes per second, the fastest of three, one process each.
 * Peers in the same run: `zcat | wc -l` (or `wc -l`), `zstd -dc | wc -l`, and a loop over gzip and json in Python: a
 * stand-in for datatrove, which is on PyPI alone and whose reader of JSON lines does at least that.
 *
 *   npm run bench -- ingest [megabytes=120]
 */
import { spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { openDuckdb, sqlText } from "../../pipeline/core/duckdb.ts";
import { discoverFiles } from "../../pipeline/corpus/discover.ts";
import { readRecords } from "../../pipeline/corpus/read-records.ts";
import { recogniseSources } from "../../pipeline/corpus/recognise.ts";
import { SourceConfig } from "../../pipeline/schema/corpus-config.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { conversion } from "../unit/corpus/warc-files.ts";
import type { BenchRow } from "./bench-row.ts";

const repeats = 3;
const pythonLoop = `
import gzip, json, sys
n = 0
for line in gzip.open(sys.argv[1], "rt", encoding="utf-8"):
    n += len(json.loads(line)["text"])
`;

/** Documents of some 2.5 kB, no two alike: speeches, numbered. */
async function* documents(bytes: number): AsyncGenerator<string> {
  const folder = join(packageRoot, "node_modules", "@stdlib", "datasets-sotu", "data");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".txt")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const all = texts.join("\n");
  let written = 0;
  for (let index = 0; written < bytes; index++) {
    const start = (index * 2503) % (all.length - 2500);
    const text = `${index} ${all.slice(start, start + 2500)}`;
    written += text.length;
    yield text;
  }
}

async function* encoded(
  bytes: number,
  toBytes: (text: string, index: number) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  let index = 0;
  for await (const text of documents(bytes)) yield toBytes(text, index++);
}

const jsonLine = (text: string, index: number) =>
  Buffer.from(`${JSON.stringify({ text, id: `doc-${index}`, url: `https://a.example/${index}` })}\n`);

async function readAll(path: string): Promise<number> {
  const source = SourceConfig.parse({ name: "bench", files: path });
  const { files } = await discoverFiles([source], "/");
  const [reading] = await recogniseSources([source], files);
  const { fields, scores } = reading!;
  let records = 0;
  for await (const record of readRecords(files[0]!, {
    fields,
    scores,
    onBytes: () => {},
    onBadFile: "error",
  })) {
    if (!("reason" in record)) records++;
  }
  return records;
}

const wetRecord = (text: string, index: number) =>
  gzipSync(
    conversion(text, `WARC-Target-URI: https://a.example/${index}`, `WARC-Record-ID: <urn:uuid:${index}>`),
  );

const shell = (command: string) => () => {
  const { status, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${command}`], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
};

export async function run({ megabytes = "120" }: Readonly<Record<string, string>>): Promise<BenchRow[]> {
  const bytes = Number(megabytes) * 1e6;
  const dir = await mkdtemp(join(tmpdir(), "climb-bench-ingest-"));
  const path = (name: string) => join(dir, name);
  const rows: BenchRow[] = [];
  try {
    await pipeline(Readable.from(encoded(bytes, jsonLine)), createWriteStream(path("a.jsonl")));
    shell(`gzip -k -6 ${path("a.jsonl")}`)();
    await pipeline(Readable.from(encoded(bytes, wetRecord)), createWriteStream(path("a.warc.wet.gz")));
    const { connection, close } = await openDuckdb();
    const from = `SELECT * FROM read_json(${sqlText(path("a.jsonl"))}, format = 'newline_delimited')`;
    await connection.run(
      `COPY (${from}) TO ${sqlText(path("a.parquet"))} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await connection.run(`COPY (${from}) TO ${sqlText(path("a.jsonl.zst"))} (FORMAT json, COMPRESSION zstd)`);
    close();

    const measure = async (
      name: string,
      peerName: string | null,
      peer: (() => void) | null,
      target: number | null,
    ): Promise<void> => {
      const records = await readAll(path(name));
      if (records < bytes / 2600) throw new Error(`${name}: only ${records} records`);
      // Taken in turns, so that another load of the machine falls on both.
      let ours = Number.POSITIVE_INFINITY;
      let theirs = Number.POSITIVE_INFINITY;
      for (let turn = 0; turn < repeats; turn++) {
        const started = performance.now();
        await readAll(path(name));
        ours = Math.min(ours, (performance.now() - started) / 1000);
        if (peer === null) continue;
        const peerStarted = performance.now();
        peer();
        theirs = Math.min(theirs, (performance.now() - peerStarted) / 1000);
      }
      const speed = bytes / 1e6 / ours;
      const peerSpeed = peer === null ? null : bytes / 1e6 / theirs;
      const ratio = peerSpeed === null ? null : speed / peerSpeed;
      const met = ratio === null || target === null ? null : ratio >= target;
      rows.push({
        case: name,
        metric: "throughput",
        unit: "MB/s",
        ours: speed,
        peer: peerSpeed,
        peerName,
        ratio,
        target,
        met,
      });
    };

    await measure("a.jsonl", "wc -l", shell(`wc -l < ${path("a.jsonl")}`), null);
    await measure("a.jsonl.gz", "zcat | wc -l", shell(`zcat ${path("a.jsonl.gz")} | wc -l`), 0.5);
    const hasPython = spawnSync("/usr/bin/python3", ["--version"]).status === 0;
    if (hasPython) {
      const loop = () => {
        const { status } = spawnSync("/usr/bin/python3", ["-c", pythonLoop, path("a.jsonl.gz")]);
        if (status !== 0) throw new Error("the loop in Python failed");
      };
      await measure("a.jsonl.gz", "gzip and json in a Python loop (stand-in for datatrove)", loop, null);
    }
    await measure("a.warc.wet.gz", "zcat | wc -l", shell(`zcat ${path("a.warc.wet.gz")} | wc -l`), 0.5);
    await measure("a.parquet", null, null, null);
    const hasZstd = spawnSync("zstd", ["--version"]).status === 0;
    const zstd = shell(`zstd -dcq ${path("a.jsonl.zst")} | wc -l`);
    await measure("a.jsonl.zst", hasZstd ? "zstd -dc | wc -l" : null, hasZstd ? zstd : null, null);
    return rows;
  } finally {
    await rm(dir, { recursive: true });
  }
}
