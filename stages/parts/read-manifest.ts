import { readFile } from "node:fs/promises";
import { InputError } from "../../pipeline/core/errors.ts";
import { Manifest } from "../../pipeline/schema/manifest.ts";

/** @throws InputError naming the fields that are wrong */
export async function readManifestFile(path: string): Promise<Manifest> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`, "run climb export again", { cause: error });
  }
  const parsed = Manifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new InputError(
    `${path} is no mixture manifest of this version:\n${problems.slice(0, 5).join("\n")}`,
    "configs/manifest.schema.json says what it holds; of a run of an earlier version, run climb run with its config again",
  );
}
