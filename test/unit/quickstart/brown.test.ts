import assert from "node:assert/strict";
import { test } from "node:test";
import { brownParagraphs, plainSentence } from "../../../stages/quickstart/brown.ts";

await test("tags go, signs join their words, quotes become plain ones", () => {
  const cases = [
    [
      "\tThe/at jury/nn (/( OBE/np )/) said/vbd ,/, ``/`` no/at evidence/nn ''/'' ./.",
      'The jury (OBE) said, "no evidence".',
    ],
    ["It's/pps+bez '/' See/vb Joe/np '/' ./.", "It's 'See Joe'."],
    ["about/rb 1/2/cd mile/nn --/-- or/cc so/rb", "about 1/2 mile -- or so"],
    ["available/jj ;/. ;/. new/jj ?/. ?/.", "available; new?"],
    ["A./np &/cc P./np", "A. & P."],
    ["", ""],
  ];
  for (const [tagged, plain] of cases) assert.equal(plainSentence(tagged!), plain);
});

await test("lines are sentences, blank lines end paragraphs, headlines stand alone", () => {
  const tagged = `


\tOne/cd is/bez here/rb ./.
Two/cd ?/. ?/.
''/'' he/pps asked/vbd ./.
Printed/vbn-hl matter/nn-hl ./.-hl
Three/cd ./.


\tFour/cd ./.
`;
  assert.deepEqual(brownParagraphs(tagged), [
    ["One is here.", 'Two?"', "he asked."],
    ["Printed matter."],
    ["Three."],
    ["Four."],
  ]);
});
