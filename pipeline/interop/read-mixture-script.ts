import { readFile } from "node:fs/promises";
import { InputError } from "../core/errors.ts";

/**
 * Domain to weight from an `n<i>.sh`: lines that start with #, cat or EOF are the script's, the others are `weight prefix`,
 * and the domain is what follows the prefix's last slash. Zero weights are not written.
 *
 * @throws InputError naming file and line
 */
export async function readMixtureScript(path: string): Promise<Map<string, number>> {
  const shares = new Map<string, number>();
  for (const [index, line] of (await readFile(path, "utf8")).split("\n").entries()) {
    if (/^(#|cat|EOF)/.test(line) || line.trim() === "") continue;
    const where = `${path}:${index + 1}`;
    const [weight, prefix, ...rest] = line.trim().split(/\s+/);
    if (prefix === undefined || rest.length > 0 || !Number.isFinite(Number(weight))) {
      throw new InputError(`${where}: ${JSON.stringify(line)} is not "weight prefix"`, "mend that line");
    }
    const domain = prefix.split("/").at(-1)!;
    if (shares.has(domain)) {
      throw new InputError(`${where}: a second weight of ${domain}`, "leave one of them");
    }
    shares.set(domain, Number(weight));
  }
  return shares;
}
