/**
 * An artifact is what a stage leaves: a folder `<stage>-<first 12 hex of its fingerprint>` with data files in
 * open formats and `artifact.json`, which says what they are, what they were made from and how. Folders are
 * built elsewhere on the same file system and renamed into place, so one that exists is whole.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "./errors.ts";
import { hashFile, hashJson } from "./hash.ts";

export const ArtifactFile = z.strictObject({
  formatVersion: z.literal(1),
  stage: z.string(),
  /** Raised when the same config and inputs now give other bytes. */
  stageVersion: z.int(),
  fingerprint: z.string(),
  /** The stage's resolved config. */
  config: z.unknown(),
  /** Role to the name of the artifact it was made from. */
  inputs: z.record(z.string(), z.string()),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string() })),
  /** Facts the stage states about its files. */
  result: z.unknown(),
});

export type ArtifactFile = z.infer<typeof ArtifactFile>;

/** A finished stage's folder. */
export interface Artifact<Result = unknown> {
  readonly stage: string;
  /** Folder name: `<stage>-<hash12>`. */
  readonly name: string;
  /** Absolute path of the folder. */
  readonly dir: string;
  readonly fingerprint: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly result: Result;
  /** Absolute path of one of its files. */
  readonly path: (file: string) => string;
}

/** What an artifact of this stage, config and inputs is called. */
export function fingerprintOf(
  stage: string,
  stageVersion: number,
  config: unknown,
  inputs: Readonly<Record<string, string>>,
): string {
  return hashJson({ stage, stageVersion, config, inputs });
}

/** Folder name of an artifact. */
export function artifactName(stage: string, fingerprint: string): string {
  return `${stage}-${fingerprint.slice(0, 12)}`;
}

/**
 * Open an artifact, or return undefined when there is none. Sizes are checked here, hashes by verifyArtifact.
 *
 * @throws InputError if the folder is there but something in it is missing or of another size
 */
export async function openArtifact<Result>(
  dir: string,
  schema: z.ZodType<Result>,
): Promise<Artifact<Result> | undefined> {
  const text = await readFile(join(dir, "artifact.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const damaged = (problem: string) =>
    new InputError(
      `${dir}: ${problem}`,
      "something changed it; delete the folder and run again to rebuild it",
    );
  let file: ArtifactFile;
  let result: Result;
  try {
    file = ArtifactFile.parse(JSON.parse(text));
    result = schema.parse(file.result);
  } catch (error) {
    throw damaged(`artifact.json is not valid (${(error as Error).message})`);
  }
  for (const { path, bytes } of file.files) {
    const found = await stat(join(dir, path)).catch(() => undefined);
    if (found === undefined) throw damaged(`${path} is missing`);
    if (found.size !== bytes) throw damaged(`${path} has ${found.size} bytes instead of ${bytes}`);
  }
  return {
    stage: file.stage,
    name: artifactName(file.stage, file.fingerprint),
    dir,
    fingerprint: file.fingerprint,
    inputs: file.inputs,
    result,
    path: (name) => join(dir, name),
  };
}

/** What an artifact's files take on disk. */
export async function artifactBytes({ dir }: Pick<Artifact, "dir">): Promise<number> {
  const { files } = ArtifactFile.parse(JSON.parse(await readFile(join(dir, "artifact.json"), "utf8")));
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Hash every file of an artifact again; returns what does not match, empty when all is well. */
export async function verifyArtifact(dir: string): Promise<string[]> {
  const file = ArtifactFile.parse(JSON.parse(await readFile(join(dir, "artifact.json"), "utf8")));
  const problems: string[] = [];
  for (const { path, sha256 } of file.files) {
    const found = await hashFile(join(dir, path)).catch(() => undefined);
    if (found !== sha256) problems.push(`${path}: sha256 ${found ?? "(missing)"} instead of ${sha256}`);
  }
  return problems;
}
