import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { FileHashes } from "../../pipeline/core/file-hashes.ts";

/**
 * A file that the config names, with the hash of its contents.
 *
 * @throws ConfigError if it is not there
 */
export async function hashedFile(
  key: string,
  path: string,
  artifactsDir: string,
): Promise<{ path: string; sha256: string }> {
  const absolute = resolve(path);
  await access(absolute).catch(() => {
    throw new ConfigError(`${key}: ${absolute} is not there`, "name a file, relative to where climb is run");
  });
  const hashes = await FileHashes.open(join(artifactsDir, "file-hashes.txt"));
  return { path: absolute, sha256: await hashes.hash(absolute) };
}
