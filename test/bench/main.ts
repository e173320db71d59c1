/** `npm run bench -- NAME [key=value ...]`: run a benchmark, print it, write data/bench/NAME.json. */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import type { Benchmark, BenchRow } from "./bench-row.ts";

const [name = "", ...settings] = process.argv.slice(2);
const known = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith(".bench.js"))
  .map((file) => file.replace(".bench.js", ""))
  .sort();
if (!known.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME [key=value ...]\nbenchmarks: ${known.join(", ")}\n`);
  process.exit(2);
}

const options = Object.fromEntries(
  settings.map((setting) => {
    const [key = "", ...value] = setting.replace(/^--/, "").split("=");
    return [key, value.join("=")];
  }),
);
const { run } = (await import(`./${name}.bench.js`)) as { run: Benchmark };
const rows = await run(options);
const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  time: new Date().toISOString(),
};

for (const row of rows) process.stdout.write(`${line(row)}\n`);
const folder = join(packageRoot, "data", "bench");
await mkdir(folder, { recursive: true });
const path = join(folder, `${name}.json`);
await writeFile(path, `${JSON.stringify([machine, ...rows], undefined, 2)}\n`);
process.stdout.write(`wrote ${path}\n`);

function line({
  case: of,
  metric,
  unit,
  ours,
  peer,
  peerName,
  ratio,
  target,
  met,
  low,
  high,
}: BenchRow): string {
  const range = low === undefined || high === undefined ? "" : ` (${number(low)} to ${number(high)})`;
  const versus =
    peer === null ? "" : `  ${peerName}: ${number(peer)}  ratio ${ratio === null ? "-" : number(ratio)}`;
  const goal = target === null ? "" : `  [target ${number(target)}: ${met === true ? "met" : "missed"}]`;
  return `${of}  ${metric}: ${number(ours)} ${unit}${range}${versus}${goal}`;
}

function number(value: number): string {
  return value.toPrecision(4);
}
