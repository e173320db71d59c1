import { ConfigError, InputError } from "../core/errors.ts";
import type { Manifest } from "../schema/manifest.ts";

/**
 * Megatron splits at white space, the shell and OmegaConf expand $, Levanter braces, and others globs and commas. A leading
 * ~ is the home folder to a shell, but no trainer asks one.
 */
const notLiteral = /^~|[\s\p{Cc}$`\\"',;*?[\]{}]/u;

/**
 * `<dataRoot>/<id>`: where the trainer will look for a domain.
 *
 * @throws ConfigError if dataRoot holds what some trainer does not take literally; InputError if the id is no file name
 */
export function domainPath(dataRoot: string, id: string): string {
  const character = notLiteral.exec(dataRoot)?.[0];
  if (character !== undefined) {
    throw new ConfigError(
      `export.dataRoot=${JSON.stringify(dataRoot)} holds ${JSON.stringify(character)}, which trainers do not read as part of a path`,
      "choose a path without white space, $, ~, quotes, commas and wildcards",
    );
  }
  if (!/^\w[\w.-]*$/.test(id)) {
    throw new InputError(
      `the domain id ${JSON.stringify(id)} is no file name`,
      "ids should be letters, digits, '.', '_' or '-'",
    );
  }
  return `${dataRoot.replace(/\/+$/, "")}/${id}`;
}

/** The domain of a path below the data root: the last part, also of `<id>/*.npy`. */
export function domainOfPath(path: string): string {
  return path
    .replace(/\/\*[^/]*$/, "")
    .split("/")
    .at(-1)!;
}

/** A domain's tokens in the corpus; 0 for an id the manifest does not know. */
export function tokensOf({ domains }: Manifest, id: string): number {
  return domains.find((domain) => domain.id === id)?.tokens ?? 0;
}
