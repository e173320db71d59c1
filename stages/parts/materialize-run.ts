/**
 * Has a mixture's shards written and puts them into a folder. The folder appears when it is complete; until then everything is in
 * `<out>.partial`, and doing the same again goes on from there.
 */
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../../pipeline/core/atomic-file.ts";
import { ConfigError, DiskFullError, isDiskFull } from "../../pipeline/core/errors.ts";
import { withLock } from "../../pipeline/core/run-lock.ts";
import { runShards } from "../../pipeline/core/run-shards.ts";
import type { Environment } from "../../pipeline/core/stage.ts";
import { Materialized } from "../../pipeline/materialize/materialized.ts";
import { materialize } from "../materialize.ts";
import { fillFolder } from "./materialize-folder.ts";
import { openInputs } from "./materialize-inputs.ts";
import {
  drawShards,
  type MaterializePlan,
  type MaterializeRequest,
  planMaterialize,
} from "./materialize-plan.ts";

/**
 * @returns what is in materialized.json
 * @throws ConfigError if runDir holds no mixture.json, or outDir something else; InputError if an artifact is gone;
 *   DiskFullError, InterruptedError, IncompleteError: what is done is kept
 */
export async function materializeRun(
  runDir: string,
  outDir: string,
  request: MaterializeRequest,
  environment: Environment,
): Promise<Materialized> {
  const plan = planMaterialize(await openInputs(runDir, environment.artifactsDir), request);
  const { progress } = environment;
  const event = { event: "stage", stage: materialize.name, artifact: outDir } as const;
  const started = performance.now();
  try {
    await mkdir(dirname(outDir), { recursive: true });
    return await withLock(`${outDir}.lock`, async () => {
      const existing = await readExisting(outDir, plan.fingerprint);
      if (existing === undefined) {
        progress({ ...event, state: "started" });
        for (const text of capNotes(plan)) progress({ event: "note", stage: materialize.name, text });
      }
      const made = existing ?? (await makeFolder(outDir, plan, environment));
      await rm(`${outDir}.partial`, { recursive: true, force: true });
      const seconds = (performance.now() - started) / 1000;
      progress({ ...event, state: existing === undefined ? "finished" : "reused", seconds });
      return made;
    });
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw new DiskFullError(
      `the disk of ${outDir} is full`,
      "free some space and run the same command again; what is done is kept",
      { cause: error },
    );
  }
}

/** Domains that are repeated more often than the search was allowed to. */
function capNotes({ inputs, request, budgets }: MaterializePlan): string[] {
  if (request.tokens === null) return [];
  return inputs.manifest.domains.flatMap(({ id, tokens, maxEpochs }, i) => {
    const epochs = budgets[i]! / tokens;
    if (!(epochs > maxEpochs * 1.001)) return [];
    return [
      `${id} is repeated ${epochs.toFixed(2)} times; the mixture was searched for at most ${maxEpochs}`,
    ];
  });
}

/** What is in the folder, or undefined if there is none, or an empty one. */
async function readExisting(outDir: string, fingerprint: string): Promise<Materialized | undefined> {
  const names = await readdir(outDir).catch(() => []);
  if (names.length === 0) return undefined;
  const text = await readFile(join(outDir, "materialized.json"), "utf8").catch(() => "null");
  const parsed = Materialized.safeParse(JSON.parse(text));
  if (parsed.success && parsed.data.fingerprint === fingerprint) return parsed.data;
  throw new ConfigError(
    `${outDir} holds ${parsed.success ? "another mixture" : "something else"}`,
    "give another --out, or delete that folder first",
  );
}

async function makeFolder(
  outDir: string,
  plan: MaterializePlan,
  environment: Environment,
): Promise<Materialized> {
  const workDir = `${outDir}.partial`;
  const stepDir = join(workDir, materialize.name);
  const { common, groups } = await drawShards(plan, workDir);
  const markers = await runShards(
    {
      name: `climb:${plan.fingerprint.slice(0, 12)}:write`,
      stage: materialize.name,
      entry: materialize.entry,
      stepDir,
      shards: groups.length,
    },
    { stage: materialize.name, step: "write", key: plan.fingerprint, common, inputs: groups },
    environment,
  );

  const finalDir = join(workDir, "final");
  const made = await fillFolder(finalDir, plan, { markers, stepDir });
  await rename(finalDir, outDir);
  await syncFolder(dirname(outDir));
  return made;
}
