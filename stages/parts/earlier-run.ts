/** The earlier run that a config's section recluster names, and how this one compares with it. */
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type Artifact, openArtifact } from "../../pipeline/core/artifact.ts";
import { ConfigError } from "../../pipeline/core/errors.ts";
import type { Environment } from "../../pipeline/core/stage.ts";
import type { DomainsConfig } from "../../pipeline/schema/domains-config.ts";
import type { ReclusterConfig } from "../../pipeline/schema/recluster-config.ts";
import { assign, methodFor } from "../assign.ts";
import type { StageRunner } from "../climb.ts";
import type { MadeByRun } from "../export.ts";
import type { SearchStageConfig } from "./measure-mixtures.ts";
import type { ModelResult } from "../model.ts";
import { readManifestFile } from "./read-manifest.ts";
import { openModel } from "./read-model.ts";
import { recluster, type ReclusterResult } from "../recluster.ts";

export interface EarlierRun {
  readonly model: Artifact<ModelResult>;
  /** By role; what was deleted or never made is missing. */
  readonly artifacts: Readonly<Record<string, Artifact>>;
  readonly carryShare: number;
}

/**
 * @param kind what this run's domains are made from
 * @throws InputError if there is no cluster model; ConfigError if this run does not cluster
 */
export async function openEarlierRun(
  { from, carryShare }: ReclusterConfig,
  kind: DomainsConfig["from"],
  artifactsDir: string,
): Promise<EarlierRun> {
  if (kind !== "clusters") {
    throw new ConfigError(
      `domains.from=${kind} makes no clusters that could start at those of ${from}`,
      "set domains.from=clusters, or leave recluster out",
    );
  }
  const model = await openModel(from);
  const path = join(resolve(from), "mixture.json");
  const artifacts: Record<string, Artifact> = {};
  if ((await stat(path).catch(() => undefined)) !== undefined) {
    const { lineage } = await readManifestFile(path);
    for (const [role, name] of Object.entries(lineage.artifacts)) {
      const artifact = await openArtifact(join(artifactsDir, name), z.unknown());
      if (artifact !== undefined) artifacts[role] = artifact;
    }
  }
  return { model, artifacts, carryShare };
}

/** Put this run's documents into the earlier model, and compare. */
export async function compareWith(
  { model: start, artifacts, carryShare }: EarlierRun,
  now: Pick<MadeByRun, "corpus" | "targets" | "vectors" | "holdout" | "clusters" | "domains">,
  how: { readonly search: SearchStageConfig; readonly ownTokenizer: boolean },
  stage: StageRunner,
  environment: Environment,
): Promise<Artifact<ReclusterResult>> {
  const { corpus, vectors, targets, holdout, clusters, domains } = now;
  const method = methodFor(start.result.clusters);
  const assigned = await stage(assign, { method }, { model: start, corpus, vectors }, environment);
  const past = {
    ...(artifacts["search"] && { earlierSearch: artifacts["search"] }),
    ...(artifacts["holdout"] && { earlierHoldout: artifacts["holdout"] }),
  };
  const inputs = { start, assigned, targets, holdout, clusters, domains, ...past };
  return stage(recluster, { carryShare, ...how }, inputs, environment);
}
