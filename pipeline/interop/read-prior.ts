import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { normalise } from "../math/simplex.ts";

const Prior = z.record(z.string(), z.number().nonnegative());

/**
 * Natural shares (or tokens) of the domains, from a YAML or JSON file of domain to number, normalised; length K.
 *
 * @throws InputError if the file is no such thing, or names other domains
 */
export async function readPrior(path: string, domains: readonly string[]): Promise<Float64Array> {
  const hint = `write "<domain>: <share or tokens>" for each of ${domains.join(", ")}`;
  let content: unknown;
  try {
    content = parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message.split("\n")[0]}`, hint, { cause: error });
  }
  const prior = Prior.safeParse(content);
  if (!prior.success) throw new InputError(`${path} is not a mapping of domains to numbers`, hint);
  const missing = domains.filter((domain) => prior.data[domain] === undefined);
  const unknown = Object.keys(prior.data).filter((name) => !domains.includes(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new InputError(
      `${path} names other domains than the runs (missing: ${missing.join(", ") || "none"}; ` +
        `unknown: ${unknown.join(", ") || "none"})`,
      hint,
    );
  }
  if (domains.every((domain) => prior.data[domain] === 0)) {
    throw new InputError(`${path}: every share is 0`, hint);
  }
  return normalise(domains.map((domain) => prior.data[domain]!));
}
