import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { largestRemainder, projectOntoBounds, roundToDecimals } from "../../pipeline/math/simplex.ts";

const weight = fc.oneof(
  fc.constant(0),
  fc.double({ min: 1e-9, max: 1, noNaN: true }),
  fc.double({ min: 1e-320, max: 1e-300, noNaN: true }),
);
const weights = fc
  .array(weight, { minLength: 1, maxLength: 30 })
  .filter((list) => list.some((value) => value > 0));
const total = (values: Iterable<number>) => [...values].reduce((left, right) => left + right, 0);

/** Weights with bounds that sum to at least 1. */
const bounded = weights.chain((list) =>
  fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: list.length, maxLength: list.length })
    .map((upper) => {
      const sum = total(upper);
      return {
        list,
        upper: sum >= 1 ? upper : upper.map((bound) => bound + (1 - sum) / upper.length + 1e-15),
      };
    }),
);

await test("projection sums to 1, keeps to the bounds, and scales all it does not cap alike", () => {
  fc.assert(
    fc.property(bounded, ({ list, upper }) => {
      const projected = projectOntoBounds(list, upper);
      assert.ok(Math.abs(total(projected) - 1) <= 1e-12, `sum ${total(projected)}`);
      projected.forEach((value, i) => assert.ok(value >= 0 && value <= upper[i]! + 1e-12));
      const scales = list.flatMap((value, i) =>
        value > 1e-9 && projected[i]! < upper[i]! ? [projected[i]! / value] : [],
      );
      for (const scale of scales) assert.ok(Math.abs(scale / scales[0]! - 1) < 1e-9, scales.join(" "));
    }),
  );
});

await test("projecting twice is projecting once", () => {
  fc.assert(
    fc.property(bounded, ({ list, upper }) => {
      const once = projectOntoBounds(list, upper);
      const twice = projectOntoBounds(once, upper);
      once.forEach((value, i) => assert.ok(Math.abs(value - twice[i]!) < 1e-9));
    }),
  );
});

await test("largest remainder sums exactly, is within one of the quota, and keeps zeros", () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 10 ** 12 }), (list, units) => {
      const parts = largestRemainder(list, units);
      assert.equal(total(parts), units);
      parts.forEach((part, i) => {
        assert.ok(Number.isInteger(part) && part >= 0);
        assert.ok(Math.abs(part - (list[i]! / total(list)) * units) <= 1 + 1e-3);
        if (list[i] === 0) assert.equal(part, 0);
      });
    }),
  );
});

await test("rounded texts, numbers and units agree, and sum to exactly one", () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 12 }), (list, decimals) => {
      const { units, texts, numbers } = roundToDecimals(list, decimals);
      assert.equal(total(units), 10 ** decimals);
      texts.forEach((text, i) => {
        assert.match(text, new RegExp(`^[01]\\.\\d{${decimals}}$`));
        assert.equal(BigInt(text.replace(".", "")), BigInt(units[i]!));
        assert.equal(Number(text), numbers[i]);
      });
    }),
  );
});
