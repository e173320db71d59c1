/** Weights that another system or a person decided on. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../core/errors.ts";

const Weights = z.record(z.string(), z.number().nonnegative());

/** Keys under which systems keep them: DoReMi's configs, and others' results. */
const wrappers = ["train_domain_weights", "domain_weights", "weights"];

/**
 * Domain to weight (or tokens) from a YAML or JSON file: a mapping, or one under DoReMi's `train_domain_weights` or under
 * `domain_weights` or `weights`.
 *
 * @throws InputError if the file is no such thing, or holds no positive weight
 */
export async function readWeights(path: string): Promise<Record<string, number>> {
  const hint = 'write "<domain>: <weight>", one a line';
  const { parse } = await import("yaml");
  let content: unknown;
  try {
    content = parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message.split("\n")[0]}`, hint, { cause: error });
  }
  const holder = z.record(z.string(), z.unknown()).safeParse(content);
  const wrapper = holder.success ? wrappers.find((key) => typeof holder.data[key] === "object") : undefined;
  const weights = Weights.safeParse(wrapper === undefined ? content : holder.data?.[wrapper]);
  if (!weights.success) throw new InputError(`${path} is not a mapping of domains to numbers`, hint);
  if (!Object.values(weights.data).some((weight) => weight > 0)) {
    throw new InputError(`${path} gives no domain a positive weight`, hint);
  }
  return weights.data;
}
