/** `climb materialize` on a fixture run of four domains of made-up words, and what tests ask of what it wrote. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { access, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";
import { hashFile } from "../../pipeline/core/hash.ts";
import { Materialized } from "../../pipeline/materialize/materialized.ts";
import { wordDocuments, writeFixtureRun } from "../unit/materialize/fixture-run.ts";
import { finish, type Finished } from "./tiny-run.ts";

export const cli = join(import.meta.dirname, "..", "..", "stages", "cli.js");
export const weights = [0.5, 0.3, 0.2, 0];
export const documents = wordDocuments(1500, 4);

export async function prepare(dir: string): Promise<void> {
  const files = [documents.slice(0, 400), documents.slice(400, 900), documents.slice(900)];
  await writeFixtureRun(dir, files, weights);
}

export function start(dir: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--enable-source-maps", cli, "materialize", "run", ...args], {
    cwd: dir,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export async function climb(dir: string, ...args: string[]): Promise<Finished> {
  return finish(start(dir, args));
}

/** Runs the command into `dir`/out and returns what it says it wrote. */
export async function make(dir: string, ...args: string[]): Promise<Materialized> {
  const { code, stdout, stderr } = await climb(dir, "--out", "out", "--json", ...args);
  assert.equal(code, 0, stderr);
  const { dir: out, ...made } = z.looseObject({ dir: z.string() }).parse(JSON.parse(stdout));
  assert.equal(out, join(dir, "out"));
  assert.deepEqual(made, JSON.parse(await readFile(join(dir, "out", "materialized.json"), "utf8")));
  assert.deepEqual((await readdir(dir)).toSorted(), ["data", "out", "run"]);
  return Materialized.parse(made);
}

/** sha256 of every file below a folder. */
export async function snapshot(dir: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  for (const path of entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort())
    hashes[relative(dir, path)] = await hashFile(path);
  return hashes;
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
