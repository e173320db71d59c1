import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { parseBytes, parseTokens } from "../../../pipeline/materialize/amounts.ts";

await test("tokens are counted in thousands, millions, billions and trillions", () => {
  const read = ["10B", "500M", "2000000", "2.5m", "1k", "2.3B", "0.001T"].map((text) =>
    parseTokens(text, "--tokens"),
  );
  assert.deepEqual(read, [10e9, 500e6, 2_000_000, 2_500_000, 1000, 2_300_000_000, 1e9]);
});

await test("bytes have decimal and binary units", () => {
  const read = ["100MB", "64MiB", "4096", "1.5 GB", "1kib"].map((text) => parseBytes(text, "--shard-bytes"));
  assert.deepEqual(read, [100e6, 64 * 2 ** 20, 4096, 1.5e9, 1024]);
});

await test("what is no amount is refused by name, with an example", () => {
  for (const text of ["", "B", "-3M", "10X", "1.5", "0", "1e9", "ten", "1.0000001k", "9999999T"]) {
    assert.throws(
      () => parseTokens(text, "--tokens"),
      (error) =>
        error instanceof ConfigError && error.message.includes(text) && error.hint.startsWith("--tokens"),
      text,
    );
  }
  assert.throws(() => parseBytes("10 M", "--shard-bytes"), ConfigError);
});
