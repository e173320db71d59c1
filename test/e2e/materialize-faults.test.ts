/** `climb materialize` disturbed: any number of workers, kills, signals, mistakes and full disks; the bytes stay, or it says why not. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { access, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyArtifact } from "../../pipeline/core/artifact.ts";
import { Random } from "../../pipeline/math/random.ts";
import { climb, exists, make, prepare, snapshot, start } from "../support/materialize-command.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { finish } from "../support/tiny-run.ts";

await test("one worker and two write the same bytes; so do kills at random moments; done is done", () =>
  withTempDir((calm) =>
    withTempDir(async (stormy) => {
      await prepare(calm);
      await cp(join(calm, "data"), join(stormy, "data"), { recursive: true });
      await cp(join(calm, "run"), join(stormy, "run"), { recursive: true });
      for (const [format, shardBytes] of [
        ["jsonl", "60kB"],
        ["npy", "12kB"],
      ] as const) {
        const request = ["--format", format, "--tokens", "40k", "--shard-bytes", shardBytes];
        const started = performance.now();
        await make(calm, ...request, "--workers", "1");
        const milliseconds = performance.now() - started;
        const expected = await snapshot(join(calm, "out"));

        const random = new Random(Date.now());
        for (let kill = 0; kill < 3; kill++) {
          const child = start(stormy, [...request, "--out", "out", "--workers", "2"]);
          child.stdout!.resume();
          child.stderr!.resume();
          const ended = once(child, "close");
          await Promise.race([ended, sleep(200 + random.uniform() * milliseconds * 0.6)]);
          child.kill("SIGKILL");
          await ended;
        }
        await make(stormy, ...request, "--workers", "2");
        assert.deepEqual(await snapshot(join(stormy, "out")), expected);

        const again = await climb(calm, ...request, "--out", "out");
        assert.equal(again.code, 0);
        assert.match(again.stderr, /reused/);
        assert.deepEqual(await snapshot(join(calm, "out")), expected);
        await rm(join(calm, "out"), { recursive: true });
        await rm(join(stormy, "out"), { recursive: true });
      }
    }),
  ));

await test("Ctrl-C and SIGTERM end with 130 and leave no folder; the same command goes on, with the weights of a phase, to the same bytes", () =>
  withTempDir(async (dir) => {
    await prepare(dir);
    const path = join(dir, "run", "mixture.json");
    const mixture = JSON.parse(await readFile(path, "utf8")) as object;
    const anneal = { name: "anneal", fromShare: 0.9, toShare: 1, weights: [0, 0.25, 0.75, 0] };
    await writeFile(path, JSON.stringify({ ...mixture, phases: [anneal] }));
    const request = ["--format", "ds", "--tokens", "40k", "--phase", "anneal", "--shard-bytes", "10kB"];
    const written: Record<string, string>[] = [];
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const child = start(dir, [...request, "--out", "out", "--workers", "1"]);
      const ended = finish(child);
      const marker = join(dir, "out.partial", "materialize", "done", "00000.json");
      while (!(await exists(marker))) await sleep(10);
      child.kill(signal);
      const { code, stderr } = await ended;
      assert.equal(code, 130, `${signal}: ${stderr}`);
      assert.match(stderr, /hint: run the same command again/);
      assert.deepEqual((await readdir(dir)).toSorted(), ["data", "out.partial", "run"]);
      assert.ok(await exists(marker), "what was done is kept");
      const made = await make(dir, ...request);
      assert.equal(made.phase, "anneal");
      assert.deepEqual(
        made.domains.map((domain) => domain.tokens),
        [0, 10_000, 30_000, 0],
      );
      written.push(await snapshot(join(dir, "out")));
      await rm(join(dir, "out"), { recursive: true });
    }
    await make(dir, ...request);
    const undisturbed = await snapshot(join(dir, "out"));
    assert.deepEqual(written, [undisturbed, undisturbed]);
  }));

await test("what cannot be done says why, what to do, and leaves nothing", () =>
  withTempDir(async (dir) => {
    await prepare(dir);
    const refused = async (code: number, message: RegExp, ...args: string[]) => {
      const run = await climb(dir, "--out", "out", ...args);
      assert.equal(run.code, code, run.stderr);
      assert.match(run.stderr, message);
      assert.equal(run.stdout, "");
    };
    const tokenCount = ["--tokens", "40k"];
    await refused(2, /'12X' is not an amount\nhint: --tokens .*10B/, "--format", "jsonl", "--tokens", "12X");
    await refused(2, /--tokens is missing/, "--format", "jsonl");
    await refused(
      2,
      /--by-domain writes each document once/,
      "--format",
      "jsonl",
      "--by-domain",
      ...tokenCount,
    );
    await refused(
      2,
      /'csv' is no format\nhint: .*jsonl, parquet, megatron/,
      "--format",
      "csv",
      ...tokenCount,
    );
    await refused(2, /--format/, ...tokenCount);
    await refused(2, /no phase 'anneal'/, "--format", "jsonl", "--phase", "anneal", ...tokenCount);

    await mkdir(join(dir, "out"));
    await writeFile(join(dir, "out", "precious.txt"), "");
    await refused(2, /out holds something else\nhint: .*--out/, "--format", "ds", ...tokenCount);
    await rm(join(dir, "out"), { recursive: true });
    await make(dir, "--format", "ds", "--tokens", "41k");
    await refused(2, /out holds another mixture/, "--format", "ds", ...tokenCount);
    await rm(join(dir, "out"), { recursive: true });

    const artifacts = join(dir, "data", "artifacts");
    const [, ingest = ""] = (await readdir(artifacts)).toSorted();
    assert.deepEqual(await verifyArtifact(join(artifacts, ingest)), []);
    await rm(join(artifacts, ingest, "tokens-00001.npy"));
    await refused(3, /tokens-00001\.npy is missing\nhint: .*run again/, "--format", "ds", ...tokenCount);
    await rm(join(artifacts, ingest), { recursive: true });
    await refused(
      3,
      /ingest-[0-9a-f]{12}, from which .*mixture\.json was made, is gone\nhint: run climb/,
      "--format",
      "ds",
      ...tokenCount,
    );
    await writeFile(join(dir, "run", "mixture.json"), '{"name": "x"}');
    await refused(3, /mixture\.json is no mixture manifest \(tokenizer: /, "--format", "ds", ...tokenCount);
    await rm(join(dir, "run", "mixture.json"));
    await refused(
      2,
      /cannot read .*mixture\.json \(ENOENT\)\nhint: .*data\/runs\/quickstart/,
      "--format",
      "ds",
      ...tokenCount,
    );
    assert.deepEqual((await readdir(dir)).toSorted(), ["data", "run"]);
  }));

await test("a full disk ends with 4 and a remedy; with space again it goes on", async (t) => {
  await withTempDir(async (dir) => {
    await prepare(dir);
    const disk = join(dir, "disk");
    await mkdir(disk);
    // On 16 kB a shard that finds no space finds none for its error either, and only its exit code tells.
    for (const [format, size] of [
      ["jsonl", "200k"],
      ["npy", "200k"],
      ["npy", "16k"],
    ] as const) {
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk], { stdio: "pipe" });
      } catch {
        t.skip("mounting a small tmpfs needs root");
        return;
      }
      try {
        const out = join(disk, format);
        const request = ["--format", format, "--tokens", "200k", "--shard-bytes", "100kB", "--out", out];
        const full = await climb(dir, ...request);
        assert.equal(full.code, 4, full.stderr);
        assert.match(full.stderr, /disk of .* is full/);
        assert.match(full.stderr, /hint: .*space/);
        await assert.rejects(access(out));
        execFileSync("mount", ["-o", "remount,size=20m", disk]);
        const again = await climb(dir, ...request);
        assert.equal(again.code, 0, again.stderr);
      } finally {
        execFileSync("umount", ["-l", disk]);
      }
    }
  });
});
