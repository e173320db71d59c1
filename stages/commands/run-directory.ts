/**
 * The folder of one run: what people and scripts look at. Artifacts stay where they are; this folder holds the
 * run's config, its events, and copies of what it produced.
 */
import { appendFileSync } from "node:fs";
import { copyFile, cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { attemptId, writeFileAtomic } from "../../pipeline/core/atomic-file.ts";
import { formatConfig } from "../../pipeline/core/load-config.ts";
import type { Progress } from "../../pipeline/core/progress.ts";
import { type ClimbConfig } from "../../pipeline/schema/config.ts";
import { exportTargets } from "../../pipeline/schema/export-config.ts";
import type { Run } from "../climb.ts";

/** Create the folder, write config.resolved.yaml, and return a sink that appends to events.jsonl. */
export async function openRunDirectory(
  dir: string,
  config: ClimbConfig,
  artifactsDir: string,
): Promise<Progress> {
  await mkdir(dir, { recursive: true });
  await writeFileAtomic(join(dir, "config.resolved.yaml"), formatConfig(config));
  const path = join(dir, "events.jsonl");
  const lastWork = new Map<string, number>();
  const started = new Date().toISOString();
  appendFileSync(
    path,
    `${JSON.stringify({ time: started, event: "run", host: hostname(), pid: process.pid, node: process.version, artifactsDir })}\n`,
  );
  return (event) => {
    if (event.event === "work") {
      // Progress ticks are for the eye: a line a second and step is plenty on disk.
      const name = `${event.stage}/${event.step}`;
      const now = performance.now();
      if (event.done < event.total && now - (lastWork.get(name) ?? 0) < 1000) return;
      lastWork.set(name, now);
    }
    appendFileSync(path, `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
  };
}

/** Copy what the run produced into its folder; returns the paths, in reading order. */
export async function publishRun(
  dir: string,
  { model, recluster, mixture, report }: Partial<Run>,
): Promise<string[]> {
  const published: string[] = [];
  if (model !== undefined) {
    // A whole artifact, so that it is checked like one wherever the folder goes.
    published.push(await publishFolder(model.dir, join(dir, "model")));
  }
  if (recluster !== undefined)
    published.push(await publishFile(recluster.path("recluster.json"), join(dir, "recluster.json")));
  if (mixture !== undefined) {
    // Only what an earlier run may have written: the folder may hold other things.
    for (const trainer of exportTargets)
      await rm(join(dir, "exports", trainer), { recursive: true, force: true });
    for (const file of mixture.result.files)
      published.push(await publishFile(mixture.path(file), join(dir, file)));
  }
  if (report !== undefined)
    published.push(await publishFile(report.path("report.html"), join(dir, "report.html")));
  return published;
}

/**
 * Copy a folder to where people look. Who opens it finds all of the old or all of the new one, or none for the moment
 * between two renames, but never files of both.
 */
async function publishFolder(from: string, to: string): Promise<string> {
  await mkdir(dirname(to), { recursive: true });
  // What killed attempts left beside it; the run's lock keeps other live ones away.
  const scratch = `${basename(to)}.`;
  for (const name of await readdir(dirname(to))) {
    if (name.startsWith(scratch) && /\.(tmp|old)$/.test(name))
      await rm(join(dirname(to), name), { recursive: true });
  }
  const attempt = `${to}.${attemptId()}`;
  await cp(from, `${attempt}.tmp`, { recursive: true });
  await rename(to, `${attempt}.old`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(`${attempt}.tmp`, to);
  await rm(`${attempt}.old`, { recursive: true, force: true });
  return to;
}

/** Copy a file of an artifact to where people look. */
export async function publishFile(from: string, to: string): Promise<string> {
  await mkdir(dirname(to), { recursive: true });
  const temporary = `${to}.${attemptId()}.tmp`;
  await copyFile(from, temporary);
  await rename(temporary, to);
  return to;
}
