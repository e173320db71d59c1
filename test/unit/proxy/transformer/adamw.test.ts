import assert from "node:assert/strict";
import test from "node:test";
import { type AdamW, PlainAdamW, ratesAt } from "../../../../pipeline/proxy/transformer/adamw.ts";
import { SimdAdamW } from "../../../../pipeline/proxy/transformer/simd-adamw.ts";
import { Random } from "../../../../pipeline/math/random.ts";

const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.5, clipNorm: 1 };
const versions: [name: string, open: (parameters: number) => AdamW][] = [
  ["plain", (parameters) => new PlainAdamW(parameters)],
  ["SIMD", (parameters) => new SimdAdamW(parameters)],
];

function close(values: Float32Array, expected: readonly number[]): void {
  for (const [at, value] of expected.entries()) {
    assert.ok(Math.abs(values[at]! - value) < 1e-6, `${values.join()} for ${expected.join()}`);
  }
}

for (const [name, open] of versions) {
  await test(`${name}, worked by hand: clipped to norm 1, the first step is the learning rate along the sign`, () => {
    const adamW = open(2);
    adamW.state.theta.set([1, -2]);
    adamW.gradient.set([3, -4]);
    const gradientNorm = adamW.gradientNorm();
    assert.equal(gradientNorm, 5);
    adamW.update(ratesAt(optimizer, { step: 1, learningRate: 0.1, gradientNorm }));
    // 0.95 theta - 0.1 sign(g); the clipped gradient is (0.6, -0.8)
    close(adamW.state.theta, [0.85, -1.8]);
    close(adamW.state.m, [0.06, -0.08]);
    close(adamW.state.v, [0.018, 0.032]);
  });
}

await test("SIMD and plain give the same bits, whatever the number of parameters", () => {
  const random = new Random("adamw");
  for (const parameters of [1, 2, 3, 4, 5, 8, 1023]) {
    const both = versions.map(([, open]) => open(parameters)) as [AdamW, AdamW];
    const values = () => Array.from({ length: parameters }, () => random.normal());
    const theta = values();
    for (const { state } of both) state.theta.set(theta);
    for (let step = 1; step <= 5; step++) {
      const gradient = values();
      for (const { gradient: memory } of both) memory.set(gradient);
      const norms = both.map((adamW) => adamW.gradientNorm());
      assert.equal(norms[0], norms[1]);
      const rates = ratesAt(optimizer, { step, learningRate: 0.01 * step, gradientNorm: norms[0]! });
      for (const adamW of both) adamW.update(rates);
      assert.deepEqual(both[0].state, both[1].state);
    }
    assert.ok(both[1].state.theta.every((value, at) => value !== Math.fround(theta[at]!)));
  }
});
