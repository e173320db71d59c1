import { ConfigError } from "../core/errors.ts";

const tokenUnits: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, b: 1e9, t: 1e12 };

const byteUnits: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** "10B", "2.5M" or "2000000" as a number of tokens. ConfigError naming `option` if it is none, or not whole. */
export function parseTokens(text: string, option: string): number {
  return parseAmount(
    text,
    tokenUnits,
    `${option} should be a number of tokens, for example 10B, 500M or 2000000`,
  );
}

/** "100MB", "64MiB" or "1000000" as a number of bytes. ConfigError naming `option` if it is none, or not whole. */
export function parseBytes(text: string, option: string): number {
  return parseAmount(
    text,
    byteUnits,
    `${option} should be a number of bytes, for example 100MB, 64MiB or 1000000`,
  );
}

function parseAmount(text: string, units: Readonly<Record<string, number>>, hint: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = units[match?.[2]?.toLowerCase() ?? "?"];
  // 2.3 * 1e9 is a little more than 2300000000 in doubles.
  const amount = unit === undefined ? Number.NaN : Number((Number(match![1]) * unit).toPrecision(15));
  if (Number.isSafeInteger(amount) && amount > 0) return amount;
  throw new ConfigError(`'${text}' is not an amount`, hint);
}
