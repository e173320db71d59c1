import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import {
  clearCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../../../../pipeline/proxy/transformer/checkpoint.ts";
import { Random } from "../../../../pipeline/math/random.ts";
import { initialParameters, parametersOf } from "../../../../pipeline/proxy/transformer/model.ts";
import { learningRateAt, type Schedule } from "../../../../pipeline/proxy/transformer/schedule.ts";
import {
  NonFiniteLossError,
  openTrainer,
  type TrainingRun,
} from "../../../../pipeline/proxy/transformer/trainer.ts";
import { packageRoot } from "../../../../stages/parts/tool-version.ts";
import { countingRun, countingSettings, countingShape } from "../../../support/counting-trainer.ts";
import { withTempDir } from "../../../support/temp-dir.ts";
import { recorded, recordedTheta, textTokens } from "./recorded.ts";

const constant: Schedule = { kind: "wsd", peakLearningRate: 0.01, warmupShare: 0, decayShare: 0 };
const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 0.5 };

for (const shape of recorded) {
  await test(`${shape.positions} positions: ten steps as PyTorch in float64 makes them (record_pytorch.py)`, async () => {
    const trainer = await openTrainer({ shape, batchSequences: shape.batch, optimizer, schedule: constant });
    const { losses } = await trainer.train({
      steps: 10,
      initial: recordedTheta(shape),
      readSequence: (sequence, out) => {
        const start = (sequence % shape.batch) * shape.contextTokens;
        for (let t = 0; t <= shape.contextTokens; t++) out[t] = textTokens[start + t]!;
      },
    });
    await trainer.close();
    shape.losses.forEach((expected, step) =>
      assert.ok(Math.abs(losses[step]! - expected) < 2e-4, `step ${step}: ${losses[step]} for ${expected}`),
    );
  });
}

const shape = countingShape;
const settings = countingSettings;
const counting = countingRun;

await test("the first loss is that of a guess, ln V", async () => {
  const wide = { ...shape, vocabulary: 1000, width: 64 };
  const trainer = await openTrainer({ ...settings, shape: wide });
  const initial = initialParameters(wide, new Random("initial"));
  const { losses } = await trainer.train({ ...counting, initial, steps: 1 });
  assert.ok(Math.abs(losses[0]! - Math.log(wide.vocabulary)) < 0.1, `${losses[0]}`);
  await trainer.close();
});

await test("one batch is learned by heart", async () => {
  const trainer = await openTrainer(settings);
  const random = new Random("noise");
  const noise = Array.from({ length: 4 }, () => Array.from({ length: 9 }, () => random.below(50)));
  const { losses } = await trainer.train({
    ...counting,
    steps: 150,
    readSequence: (sequence, out) => out.set(noise[sequence % 4]!),
  });
  assert.ok(losses.at(-1)! < 0.05, `${losses.at(-1)}`);
  await trainer.close();
});

await test("a trainer used before gives the same bits as a new one", async () => {
  const used = await openTrainer(settings);
  await used.train({ ...counting, steps: 3 });
  const fresh = await openTrainer(settings);
  assert.deepEqual(await used.train(counting), await fresh.train(counting));
  await used.close();
  await fresh.close();
});

await test("interrupted twice and resumed, training gives the same bits", () =>
  withTempDir(async (dir) => {
    const trainer = await openTrainer(settings);
    const whole = await trainer.train(counting);
    const checkpoint = { folder: join(dir, "checkpoint"), key: "counting" };
    for (const stopAt of [9, 24]) {
      const stop = new AbortController();
      const readSequence: TrainingRun["readSequence"] = (sequence, out) => {
        if (sequence === stopAt * 4) stop.abort(new Error("stopped"));
        counting.readSequence(sequence, out);
      };
      const run = { ...counting, readSequence, checkpoint, signal: stop.signal };
      await assert.rejects(trainer.train(run), /stopped/);
    }
    const read: number[] = [];
    const readSequence: TrainingRun["readSequence"] = (sequence, out) => {
      read.push(sequence);
      counting.readSequence(sequence, out);
    };
    assert.deepEqual(await trainer.train({ ...counting, readSequence, checkpoint }), whole);
    assert.equal(read[0], 25 * 4, "it went on where it was stopped");
    const other = { ...checkpoint, key: "another run" };
    assert.deepEqual(await trainer.train({ ...counting, checkpoint: other }), whole, "not another run's");
    await trainer.close();
  }));

await test("a process killed by SIGKILL leaves a whole checkpoint, from which the bits are the same", () =>
  withTempDir(async (dir) => {
    const folder = join(dir, "checkpoint");
    const trainer = await openTrainer(settings);
    const whole = await trainer.train(counting);
    for (const killAt of [5, 17]) {
      const script = join(packageRoot, "dist", "test", "support", "counting-trainer.js");
      const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
      let said = "";
      for await (const part of child.stdout) {
        said += String(part);
        if (said.includes(`\n${killAt}\n`)) child.kill("SIGKILL");
      }
      const saved = await loadCheckpoint(folder, "counting");
      assert.ok(saved !== undefined && saved.step >= killAt - 1, `${saved?.step} steps saved of ${killAt}`);
    }
    assert.deepEqual(await trainer.train({ ...counting, checkpoint: { folder, key: "counting" } }), whole);
    await trainer.close();
  }));

await test("a loss that is no number is an error that names step, rate and remedy", async () => {
  const trainer = await openTrainer({
    ...settings,
    schedule: { ...settings.schedule, peakLearningRate: 1e30, warmupShare: 0 },
  });
  await assert.rejects(trainer.train(counting), (error) => {
    assert.ok(error instanceof NonFiniteLossError);
    assert.match(error.message, /^the proxy's loss is \S+ and its gradient's norm \S+ at step \d+ of 40$/);
    assert.match(error.hint, /lower the proxy's learningRate/);
    return true;
  });
  await trainer.close();
});

await test("so is a gradient whose square is beyond float32, at the last step too", async () => {
  const trainer = await openTrainer(settings);
  // `down` is 0, and its gradient is as large as what it is multiplied by.
  const factors = new Map([
    ["0.up", 1e22],
    ["0.down", 0],
  ]);
  const initial = counting.initial.slice();
  for (const { name, offset, shape: dims } of parametersOf(shape)) {
    const end = offset + dims[0] * dims[1];
    for (let at = offset; at < end; at++) initial[at]! *= factors.get(name) ?? 1;
  }
  await assert.rejects(trainer.train({ ...counting, initial, steps: 1 }), (error) => {
    assert.ok(error instanceof NonFiniteLossError);
    const [, loss, norm] = /loss is (\S+) and its gradient's norm (\S+) at step 1 of 1$/.exec(error.message)!;
    assert.ok(Number.isFinite(Number(loss)) && Number(norm) > 2e19 && Number(norm) < 1e37, error.message);
    return true;
  });
  await trainer.close();
});

await test("a checkpoint is another folder's or another run's, or gone, to whoever asks for it", () =>
  withTempDir(async (dir) => {
    const folder = join(dir, "checkpoint");
    const state = { theta: Float32Array.of(1, 2), m: Float32Array.of(3, 4), v: Float32Array.of(5, 6) };
    const checkpoint = { step: 7, losses: [2.5, 2], state };
    await saveCheckpoint(folder, "a", { ...checkpoint, step: 6 });
    await saveCheckpoint(folder, "a", checkpoint);
    assert.deepEqual(await loadCheckpoint(folder, "a"), checkpoint);
    assert.equal(await loadCheckpoint(folder, "b"), undefined);
    await clearCheckpoint(folder);
    assert.equal(await loadCheckpoint(folder, "a"), undefined);
  }));

const wsd: Schedule = { kind: "wsd", peakLearningRate: 1, warmupShare: 0.2, decayShare: 0.3 };
const rates = (schedule: Schedule) =>
  Array.from({ length: 10 }, (_, step) => learningRateAt(schedule, step, 10));

await test("schedules by hand: up over two tenths, down over the last three tenths or along a cosine", () => {
  assert.deepEqual(rates(wsd), [0.5, 1, 1, 1, 1, 1, 1, 1, 2 / 3, 1 / 3]);
  const cosine = rates({ ...wsd, kind: "cosine" });
  assert.deepEqual(cosine.slice(0, 3), [0.5, 1, 1]);
  assert.ok(Math.abs(cosine[6]! - 0.5) < 1e-12, "half-way");
  assert.ok(cosine[9]! > 0 && cosine[9]! < 0.04);
});
