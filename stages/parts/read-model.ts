/** A cluster model, wherever a run left it. */
import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Artifact, openArtifact } from "../../pipeline/core/artifact.ts";
import { InputError } from "../../pipeline/core/errors.ts";
import { ClusterModel } from "../../pipeline/schema/cluster-model.ts";
import { ModelResult } from "../model.ts";

/**
 * @param path a model's folder, or that of the run that made it
 * @throws InputError if there is none, or it is damaged
 */
export async function openModel(path: string): Promise<Artifact<ModelResult>> {
  for (const dir of [resolve(path), join(resolve(path), "model")]) {
    if ((await stat(join(dir, "model.json")).catch(() => undefined)) === undefined) continue;
    const artifact = await openArtifact(dir, ModelResult);
    if (artifact !== undefined) return artifact;
  }
  throw new InputError(
    `${path} holds no cluster model`,
    "give the folder of a run, for example data/runs/quickstart, or data/artifacts/model-<hash>",
  );
}

/** @throws InputError if model.json is not one of this version's */
export async function readClusterModel(model: Artifact<ModelResult> | string): Promise<ClusterModel> {
  const path = join(typeof model === "string" ? model : model.dir, "model.json");
  const parsed = ClusterModel.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(
    `${path} is no cluster model of this version (${issue!.path.join(".")}: ${issue!.message})`,
    "make it again: climb domains with the run's config",
  );
}
