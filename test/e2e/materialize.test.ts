/** `climb materialize`: every format read back by other readers. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { z } from "zod";
import { Materialized } from "../../pipeline/materialize/materialized.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { cli, documents, exists, make, prepare, snapshot, weights } from "../support/materialize-command.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { finish } from "../support/tiny-run.ts";
import { tokensOf } from "../unit/materialize/fixture-run.ts";
import {
  readDatatrove,
  readMds,
  readMegatron,
  readMemmap,
  splitDocuments,
} from "../unit/materialize/readers.ts";

const end = 50_256;
/** 0.5, 0.3 and 0.2 of it; some 12,000 tokens of each domain are in the corpus. */
const tokens = 40_001;
const budgets = [20_001, 12_000, 8000, 0];
const textToDocument = new Map(documents.map((document) => [document.text, document]));

/** Everything materialized.json says of files holds, and it names all of them. */
async function checkFiles(dir: string, made: Materialized): Promise<void> {
  const { "materialized.json": _, ...found } = await snapshot(join(dir, "out"));
  const named = [...made.shards.flatMap(({ files }) => files), ...made.indexFiles];
  assert.deepEqual(Object.fromEntries(named.map(({ path, sha256 }) => [path, sha256])), found);
}

/** Tokens of each domain in documents that were read back; at most one a domain may be cut short. */
function countTokens(read: readonly (readonly number[])[]): number[] {
  const counts = [0, 0, 0, 0];
  const cuts = [0, 0, 0, 0];
  for (const ids of read) {
    const text = ids.map((id) => `w${id}`).join(" ");
    const whole = textToDocument.get(text);
    const domain = (whole ?? documents.find((document) => document.text.startsWith(`${text} `)))?.domain;
    assert.ok(domain !== undefined && domain >= 0, text);
    counts[domain]! += ids.length;
    if (whole === undefined) cuts[domain]!++;
  }
  assert(
    cuts.every((count) => count <= 1),
    cuts.join(),
  );
  return counts;
}

/** The documents without the end-of-document token that each must have. */
function withoutEnds(read: readonly (readonly number[])[]): number[][] {
  assert(read.every((ids) => ids.at(-1) === end));
  return read.map((ids) => ids.slice(0, -1));
}

async function shardsOf<T>(
  made: Materialized,
  dir: string,
  read: (stem: string) => Promise<T[]>,
): Promise<T[]> {
  const all: T[] = [];
  for (const { files, documents: count } of made.shards) {
    const documentsOfShard = await read(join(dir, "out", files[0]!.path.split(".")[0]!));
    assert.equal(documentsOfShard.length, count);
    all.push(...documentsOfShard);
  }
  return all;
}

await test("token formats hold exactly the budget of each domain", () =>
  withTempDir(async (dir) => {
    await prepare(dir);
    const readers = {
      megatron: (made: Materialized) => shardsOf(made, dir, readMegatron),
      ds: (made: Materialized) => shardsOf(made, dir, readDatatrove),
      npy: async (made: Materialized) => {
        const read = await shardsOf(made, dir, readMemmap);
        for (const { tokens: ids, id, source, line } of read.slice(0, 50)) {
          const file = [400, 900, 1500].findIndex((last) => Number(id.slice(3)) < last);
          assert.match(source, new RegExp(`^ingest-[0-9a-f]{12}/documents-0000${file}.parquet$`));
          assert.equal(Number(id.slice(3)), [0, 400, 900][file]! + line - 1);
          assert(documents[Number(id.slice(3))]!.tokens.join().startsWith(ids.slice(0, -1).join()));
        }
        return read.map(({ tokens: ids }) => ids);
      },
      mds: async () => splitDocuments((await readMds(join(dir, "out", "train"))).flat(), end),
    };
    for (const [format, read] of Object.entries(readers)) {
      const made = await make(dir, "--format", format, "--tokens", String(tokens), "--shard-bytes", "40kB");
      assert(made.shards.length >= 3, `${made.shards.length}`);
      const found = withoutEnds(await read(made));
      assert.deepEqual(countTokens(found), budgets, format);
      assert.deepEqual(
        made.domains.map((domain) => domain.tokens),
        budgets,
      );
      assert.equal(made.tokens, tokens);
      assert.equal(made.endOfDocument?.tokens, found.length);
      assert(made.largestRelativeDeviation < 1e-4);
      await checkFiles(dir, made);
      await rm(join(dir, "out"), { recursive: true });
    }
  }));

await test("text formats hold whole documents, as near to the budget as they come", () =>
  withTempDir(async (dir) => {
    await prepare(dir);
    const request = ["--tokens", "0.040001M", "--shard-bytes", "120kB"];
    const jsonl = await make(dir, "--format", "jsonl", ...request, "--workers", "1");
    const lines: { id: string; text: string; domain: string; source: string }[] = [];
    for (const { files, documents: count } of jsonl.shards) {
      const text = await readFile(join(dir, "out", files[0]!.path), "utf8");
      const ofShard = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as (typeof lines)[number]);
      assert.equal(ofShard.length, count);
      lines.push(...ofShard);
    }
    for (const line of lines) {
      const { id, domain } = textToDocument.get(line.text)!;
      assert.deepEqual(line, { id, text: line.text, domain: `domain_${domain}`, source: "fixture" });
    }
    const counts = countTokens(lines.map(({ text }) => tokensOf(text)));
    assert.deepEqual(
      jsonl.domains.map((domain) => domain.tokens),
      counts,
    );
    for (const [domain, count] of counts.entries())
      assert(Math.abs(count - budgets[domain]!) <= 30, `${count}`);
    // 1.7, 1 and 0.7 epochs: every document of a domain is there as often as any other, or once more.
    for (const { id, epochs } of jsonl.domains) {
      const times = new Map<string, number>();
      for (const line of lines) if (line.domain === id) times.set(line.id, (times.get(line.id) ?? 0) + 1);
      const counts = [...times.values()];
      assert(epochs === 0 || Math.max(...counts) === Math.ceil(epochs), id);
      assert(
        epochs < 1 || times.size === documents.filter(({ domain }) => `domain_${domain}` === id).length,
        id,
      );
    }
    await checkFiles(dir, jsonl);
    await rm(join(dir, "out"), { recursive: true });

    const parquet = await make(dir, "--format", "parquet", ...request);
    assert.deepEqual(parquet.domains, jsonl.domains);
    const connection = await (await DuckDBInstance.create()).connect();
    const glob = join(dir, "out", "*.parquet");
    const rows = (await connection.runAndReadAll(`SELECT * FROM read_parquet('${glob}')`)).getRowObjects();
    assert.deepEqual(Object.keys(rows[0]!), ["text", "id", "domain", "source"]);
    assert.deepEqual(rows, lines);
    const codecs = await connection.runAndReadAll(
      `SELECT DISTINCT compression FROM parquet_metadata('${glob}')`,
    );
    assert.deepEqual(codecs.getRows(), [["ZSTD"]]);
    connection.closeSync();
    await checkFiles(dir, parquet);
  }));

await test("by domain: each document once, under the paths that exports name", () =>
  withTempDir(async (dir) => {
    await prepare(dir);
    const wanted = documents.filter(({ domain }) => domain >= 0 && weights[domain]! > 0);
    const megatron = await make(dir, "--format", "megatron", "--by-domain", "--shard-bytes", "10kB");
    assert.deepEqual(
      megatron.shards.flatMap(({ files }) => files.map(({ path }) => path)),
      ["domain_0.bin", "domain_0.idx", "domain_1.bin", "domain_1.idx", "domain_2.bin", "domain_2.idx"],
    );
    for (const domain of [0, 1, 2]) {
      const expected = wanted
        .filter((document) => document.domain === domain)
        .map(({ tokens: ids }) => [...ids, end]);
      assert.deepEqual(await readMegatron(join(dir, "out", `domain_${domain}`)), expected);
    }
    await checkFiles(dir, megatron);
    await rm(join(dir, "out"), { recursive: true });

    const jsonl = await make(dir, "--format", "jsonl", "--by-domain", "--shard-bytes", "100kB");
    const found: string[] = [];
    for (const { files, domains } of jsonl.shards) {
      const [folder, name] = files[0]!.path.split("/");
      assert.deepEqual(Object.keys(domains), [folder]);
      assert.match(name!, /^shard_\d{5}\.jsonl$/);
      const text = await readFile(join(dir, "out", files[0]!.path), "utf8");
      found.push(
        ...text
          .trimEnd()
          .split("\n")
          .map((line) => (JSON.parse(line) as { text: string }).text),
      );
    }
    assert.deepEqual(found.toSorted(), wanted.map(({ text }) => text).toSorted());
    await rm(join(dir, "out"), { recursive: true });

    const mds = await make(dir, "--format", "mds", "--by-domain", "--sequence-tokens", "128");
    assert.deepEqual(
      mds.indexFiles.map(({ path }) => path),
      [0, 1, 2].map((domain) => `domain_${domain}/train/index.json`),
    );
    const samples = await readMds(join(dir, "out", "domain_2", "train"));
    assert(samples.every(({ length }) => length === 128));
    const expected = wanted.filter(({ domain }) => domain === 2).map(({ tokens: ids }) => [...ids, end]);
    assert.deepEqual(splitDocuments(samples.flat(), end), expected);
  }));

const quickstart = join(packageRoot, "data", "runs", "quickstart");
const skip = !(await exists(join(quickstart, "mixture.json"))) && "npm start has not been run here";

await test("the quick start's shares are within 0.1 % of its weights", { skip }, () =>
  withTempDir(async (dir) => {
    const { budget } = z
      .looseObject({ budget: z.looseObject({ targetTokens: z.int() }) })
      .parse(JSON.parse(await readFile(join(quickstart, "mixture.json"), "utf8")));
    const out = join(dir, "out");
    const args = ["materialize", quickstart, "--format", "jsonl", "--json", "--out", out];
    const child = spawn(process.execPath, [cli, ...args, "--tokens", String(budget.targetTokens)], {
      cwd: packageRoot,
    });
    const { code, stdout, stderr } = await finish(child);
    assert.equal(code, 0, stderr);
    const { dir: _, ...made } = z.looseObject({}).parse(JSON.parse(stdout));
    const { domains, shards, largestRelativeDeviation } = Materialized.parse(made);
    assert(largestRelativeDeviation < 0.001, `${largestRelativeDeviation}`);

    // The tokens are counted again, by the tokenizer and not by what ingest wrote down.
    const { encode } = await import("gpt-tokenizer/encoding/r50k_base");
    const counted = new Map<string, number>();
    const known = new Map<string, number>();
    for (const { files } of shards) {
      const text = await readFile(join(out, files[0]!.path), "utf8");
      for (const line of text.trimEnd().split("\n")) {
        const document = JSON.parse(line) as { id: string; text: string; domain: string };
        const count =
          known.get(document.id) ?? encode(document.text, { disallowedSpecial: new Set() }).length;
        known.set(document.id, count);
        counted.set(document.domain, (counted.get(document.domain) ?? 0) + count);
      }
    }
    const total = [...counted.values()].reduce((sum, count) => sum + count, 0);
    for (const { id, weight } of domains) {
      const share = (counted.get(id) ?? 0) / total;
      assert(Math.abs(share - weight) <= 0.001 * weight, `${id}: ${share} for ${weight}`);
    }
  }),
);
