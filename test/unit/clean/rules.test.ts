import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenRule, ruleSets } from "../../../pipeline/clean/rules.ts";
import { c4Signals, finewebSignals, gopherSignals } from "../../../pipeline/clean/signals.ts";

await test("Gopher's numbers, counted by hand", () => {
  // Nine words, two without a letter: the bullet and the number; stop words the, and, to.
  const signals = gopherSignals("- The cat\nand kitten\nto the park 7");
  assert.deepEqual(
    [signals["gopher_words"], signals["gopher_stop_words"], signals["gopher_bullet_lines"]],
    [9, 3, 1 / 3],
  );
  assert.equal(signals["gopher_mean_word_length"], (1 + 3 + 3 + 3 + 6 + 2 + 3 + 4 + 1) / 9);
  assert.ok(Math.abs(signals["gopher_letter_words"]! - 7 / 9) < 1e-12);
  const repeated = gopherSignals("one two\none two\nthree\n\none two\none two\nthree");
  assert.equal(repeated["gopher_duplicate_lines"], 4 / 6);
  assert.equal(repeated["gopher_duplicate_paragraphs"], 1 / 2);
  // "one two" has six of the 34 characters without white space, and comes four times.
  assert.equal(repeated["gopher_top_2gram"], 24 / 34);
});

await test("C4 counts sentences of the lines it keeps", () => {
  const text = [
    "This line is kept. It has two sentences.",
    "Too short a line.",
    "This line has no mark at its end",
    "Please enable Javascript to see this page.",
    'He said that it was "enough"',
    "This line trails off into nothing much...",
  ].join("\n");
  assert.deepEqual(c4Signals(text), {
    c4_kept_lines: 2 / 6,
    c4_terminal_lines: 4 / 6,
    c4_short_lines: 1 / 6,
    c4_javascript_lines: 1 / 6,
    c4_policy_lines: 0,
    c4_line_words: (8 + 4 + 8 + 7 + 6 + 7) / 6,
    c4_sentences: 3,
    c4_lorem_ipsum: 0,
    c4_curly_bracket: 0,
  });
  const policies =
    "Read our Privacy Policy and the terms of use today.\nThis site uses cookies to work as it should.";
  assert.equal(c4Signals(policies)["c4_policy_lines"], 1);
  assert.equal(c4Signals(policies)["c4_kept_lines"], 0);
  assert.equal(c4Signals("Lorem Ipsum { }")["c4_lorem_ipsum"], 1);
  assert.equal(c4Signals("Lorem Ipsum { }")["c4_curly_bracket"], 1);
});

await test("FineWeb's shares, counted by hand", () => {
  const long = "A line of more than thirty characters, with a stop.";
  assert.deepEqual(finewebSignals(`${long}\nmenu\n\n${long}\nhome`), {
    fineweb_punctuated_lines: 0.5,
    fineweb_short_lines: 0.5,
    fineweb_duplicate_line_characters: long.length / (2 * long.length + 8),
    fineweb_newlines: 4 / 22,
  });
  assert.deepEqual(Object.values(finewebSignals("")), [0, 0, 0, 0]);
});

await test("each bound is broken beyond the published figure and kept at it", () => {
  // set, signal, a value that is kept, one that is not.
  const cases = [
    ["gopher", "gopher_words", 50, 49],
    ["gopher", "gopher_words", 100_000, 100_001],
    ["gopher", "gopher_mean_word_length", 3, 2.9],
    ["gopher", "gopher_symbol_ratio", 0.1, 0.11],
    ["gopher", "gopher_bullet_lines", 0.9, 0.91],
    ["gopher", "gopher_ellipsis_lines", 0.3, 0.31],
    ["gopher", "gopher_letter_words", 0.8, 0.79],
    ["gopher", "gopher_stop_words", 2, 1],
    ["gopher-repetition", "gopher_top_4gram", 0.16, 0.17],
    ["gopher-repetition", "gopher_duplicate_10grams", 0.1, 0.11],
    ["c4", "c4_sentences", 3, 2],
    ["c4", "c4_curly_bracket", 0, 1],
    ["c4", "c4_lorem_ipsum", 0, 1],
    ["c4-bad-words", "c4_bad_words", 0, 1],
    ["fineweb", "fineweb_punctuated_lines", 0.13, 0.12],
    ["fineweb", "fineweb_duplicate_line_characters", 0.09, 0.1],
    ["fineweb", "fineweb_short_lines", 0.66, 0.67],
  ] as const;
  const sound = {
    ...gopherSignals("the and word ".repeat(20)),
    ...Object.fromEntries(ruleSets["gopher-repetition"].rules.map(({ signal }) => [signal, 0])),
    c4_sentences: 9,
    c4_lorem_ipsum: 0,
    c4_curly_bracket: 0,
    c4_bad_words: 0,
    fineweb_punctuated_lines: 1,
    fineweb_duplicate_line_characters: 0,
    fineweb_short_lines: 0,
  };
  for (const [set, signal, kept, broken] of cases) {
    assert.equal(brokenRule(set, { ...sound, [signal]: kept }), undefined, `${signal} ${kept}`);
    assert.match(
      brokenRule(set, { ...sound, [signal]: broken }) ?? "",
      new RegExp(`^${signal} .*, at (least|most)`),
    );
  }
});
