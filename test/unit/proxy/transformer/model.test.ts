import assert from "node:assert/strict";
import test from "node:test";
import {
  initialParameters,
  type ModelShape,
  parameterCount,
  parametersOf,
  trainingFlops,
} from "../../../../pipeline/proxy/transformer/model.ts";
import { gradientStep } from "../../../../pipeline/proxy/transformer/gradient-step.ts";
import { Random } from "../../../../pipeline/math/random.ts";
import { runModel } from "../../../support/run-graph.ts";
import { recorded, type Recorded, recordedTheta, textTokens } from "./recorded.ts";

/** The recorded text, time-major. */
function rowsOf({ contextTokens, batch }: Recorded): { tokens: number[]; targets: number[] } {
  const at = Array.from(
    { length: contextTokens * batch },
    (_, row) => (row % batch) * contextTokens + Math.floor(row / batch),
  );
  return {
    tokens: at.map((index) => textTokens[index]!),
    targets: at.map((index) => textTokens[index + 1]!),
  };
}

async function gradientsAt(shape: Recorded, theta: Float32Array, bytes = gradientStep(shape, shape.batch)) {
  const inputs = Object.fromEntries(
    parametersOf(shape).map(({ name, shape: dims, offset }) => [
      `theta.${name}`,
      { shape: dims, data: [...theta.subarray(offset, offset + dims[0] * dims[1])] },
    ]),
  );
  const outputs = await runModel(bytes, inputs, rowsOf(shape));
  const gradient = parametersOf(shape).flatMap(({ name }) => outputs[`gradient.${name}`]!);
  return { loss: outputs["loss"]![0]!, gradient };
}

for (const shape of recorded) {
  await test(`${shape.positions} positions: gradients equal PyTorch's in float64 (record_pytorch.py)`, async () => {
    assert.equal(parameterCount(shape), shape.parameters);
    const { gradient } = await gradientsAt(shape, recordedTheta(shape));
    let squaredError = 0;
    let squared = 0;
    shape.gradients.forEach((expected, index) => {
      squaredError += (gradient[index]! - expected) ** 2;
      squared += expected ** 2;
    });
    assert.ok(
      Math.sqrt(squaredError / squared) < 2e-6,
      `relative error ${Math.sqrt(squaredError / squared)}`,
    );
  });

  await test(`${shape.positions} positions: gradients equal central differences along random directions`, async () => {
    const bytes = gradientStep(shape, shape.batch);
    const theta = recordedTheta(shape);
    const { gradient } = await gradientsAt(shape, theta, bytes);
    const random = new Random(11);
    for (const { name, shape: dims, offset } of parametersOf(shape)) {
      const size = dims[0] * dims[1];
      const direction = Float32Array.from({ length: size }, () => random.normal() / Math.sqrt(size));
      const lossAt = async (by: number) => {
        const moved = theta.slice();
        direction.forEach((value, index) => (moved[offset + index]! += by * value));
        return (await gradientsAt(shape, moved, bytes)).loss;
      };
      const step = 2e-3;
      const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
      const along = direction.reduce((sum, value, index) => sum + value * gradient[offset + index]!, 0);
      assert.ok(
        Math.abs(along - slope) < 0.02 * Math.abs(slope) + 5e-4,
        `${name}: ${along}, by differences ${slope}`,
      );
    }
  });
}

await test("running twice gives the same bits", async () => {
  const shape = recorded[0]!;
  const bytes = gradientStep(shape, shape.batch);
  const theta = recordedTheta(shape);
  const [first, second] = [await gradientsAt(shape, theta, bytes), await gradientsAt(shape, theta, bytes)];
  assert.deepEqual(first, second);
});

await test("parameters and FLOPs as computed by hand", () => {
  const shape: ModelShape = {
    vocabulary: 4096,
    width: 128,
    layers: 4,
    heads: 4,
    contextTokens: 128,
    positions: "learned",
  };
  // 4096 * 128 + 128 * 128 + 4 * (4 * 128 * 128 + 2 * 128 * 512)
  assert.equal(parameterCount(shape), 1_327_104);
  assert.equal(parameterCount({ ...shape, positions: "rotary" }), 1_310_720);
  // (6 * 1310720 + 12 * 4 * 96 * 128) * 2048: 64 tokens see 64 and 64 see 128, 96 in the mean
  assert.equal(trainingFlops(shape, 2048), 17_314_086_912);
  // Of 3 tokens 2 see 2 and 1 sees 3: 7 scores.
  assert.equal(trainingFlops({ ...shape, contextTokens: 3 }, 3), 6 * 1_310_720 * 3 + 12 * 4 * 7 * 128);
});

await test("parameters start with the deviations they name, from a seed", () => {
  const shape: ModelShape = { ...recorded[0]!, vocabulary: 400, width: 32 };
  const theta = initialParameters(shape, new Random("a"));
  for (const { name, shape: dims, offset, deviation } of parametersOf(shape)) {
    const values = theta.subarray(offset, offset + dims[0] * dims[1]);
    const found = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    assert.ok(Math.abs(found / deviation - 1) < 0.25, `${name}: ${found} for ${deviation}`);
  }
  assert.deepEqual(initialParameters(shape, new Random("a")), theta);
  assert.notDeepEqual(initialParameters(shape, new Random("b")), theta);
});
