import assert from "node:assert/strict";
import test from "node:test";
import { scaleFinalists } from "../../../pipeline/search/scale-finalists.ts";
import { makeFixture } from "../../support/search-fixture.ts";

await test("natural, found and the search's best trial, also where another proxy judged and the table lacks it", () => {
  const { search } = makeFixture();
  const keys = new Set(search.rounds.flatMap(({ trials }) => trials));
  const lowest = Math.min(
    ...search.trials.filter(({ key }) => keys.has(key)).map((trial) => trial.objective),
  );
  const judged = { ...search, final: search.final.filter(({ name }) => name !== "best-measured") };
  for (const of of [search, judged]) {
    const finalists = scaleFinalists(of);
    assert.deepEqual(
      finalists.map(({ name }) => name),
      ["natural", "found", "best-measured"],
    );
    const [natural, found, best] = finalists.map(({ select }) => select);
    const weightsOf = (wanted: string) => search.final.find(({ name }) => name === wanted)!.weights;
    assert.deepEqual(natural!.weights, weightsOf("natural"));
    assert.deepEqual(found!.weights, weightsOf("found"));
    assert.equal(best!.objective, lowest);
  }
});
