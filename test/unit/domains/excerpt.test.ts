import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { excerpt } from "../../../pipeline/domains/excerpt.ts";

await test("cut at a word, white space collapsed (by hand)", () => {
  assert.equal(excerpt("  One\n\ttwo   three ", 20), "One two three");
  assert.equal(excerpt("One two three", 13), "One two three");
  assert.equal(excerpt("One two three", 12), "One two…");
  assert.equal(excerpt("One two three", 8), "One two…");
  assert.equal(excerpt("One two three", 7), "One…");
  assert.equal(excerpt("Donaudampfschiff", 6), "Donau…");
  // Never half of a surrogate pair.
  assert.equal(excerpt("ab🙂🙂🙂", 4), "ab…");
});

await test("property: short enough, and the text's own beginning", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b", " ", "\n"), maxLength: 400 }),
      fc.integer({ min: 2, max: 60 }),
      (text, most) => {
        const cut = excerpt(text, most);
        assert.ok(cut.length <= most);
        assert.ok(text.trim().replaceAll(/\s+/g, " ").startsWith(cut.replace("…", "")));
        assert.ok(text.trim() === "" || cut !== "");
      },
    ),
  );
});
