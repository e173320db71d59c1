import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { allowMixtures } from "../../../pipeline/mixture/allowed.ts";
import { limitsFromCaps } from "../../../pipeline/mixture/limits.ts";
import { createSampler } from "../../../pipeline/mixture/sampler.ts";
import { SearchConfig } from "../../../pipeline/schema/search-config.ts";
import { AskLedger, parseLines, type Proposal, Told } from "../../../pipeline/search/ask-ledger.ts";
import {
  advise,
  ask,
  awaitsNatural,
  type Dialogue,
  tell,
  trialsOf,
} from "../../../pipeline/search/ask-tell.ts";
import { createProposer } from "../../../pipeline/search/create-proposer.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const domains = ["a", "b", "c"];
const search = SearchConfig.parse({ candidates: 100, localCandidates: 50, predictors: ["gp"], folds: 3 });
const allowed = allowMixtures(limitsFromCaps([0.5, 0.3, 0.2], [1, 1, 1], search.sampler.minWeight));

/** As a fresh process would open it. */
async function open(dir: string): Promise<Dialogue> {
  return {
    ledger: await AskLedger.open(dir),
    domains,
    targets: [{ name: "t", weight: 1 }],
    space: {
      domains: 3,
      natural: allowed.natural,
      repair: allowed.repair,
      sample: createSampler({ prior: [0.5, 0.3, 0.2], allowed, sampler: search.sampler }),
    },
    proposer: createProposer(search),
    search,
    seed: 5,
  };
}

/** Lowest at (0.2, 0.5, 0.3). */
function measure({ id, weights }: Proposal): Told {
  const squares = [0.2, 0.5, 0.3].reduce((sum, best, i) => sum + (weights[domains[i]!]! - best) ** 2, 0);
  return { id, losses: { t: 2 + squares } };
}

await test("asking and telling in any order finds the optimum; nothing is proposed twice", () =>
  withTempDir(async (dir) => {
    const given = [{ name: "doremi", mixture: Float64Array.of(0.1, 0.8, 0.1) }];
    const waiting: Proposal[] = [];
    for (let turn = 0; turn < 8; turn++) {
      waiting.push(...(await ask(await open(dir), 4, given)));
      // The newest results come first, and one is always left pending.
      const done = waiting.splice(1).toReversed().map(measure);
      assert.deepEqual(await tell(await open(dir), done, "r", false), { told: done.length, repeated: 0 });
    }
    const dialogue = await open(dir);
    const ids = [...dialogue.ledger.proposals.keys()];
    assert.equal(ids.length, 32);
    assert.equal(new Set(ids).size, 32);
    assert.equal(dialogue.ledger.proposals.get(ids[0]!)!.by, "doremi");
    assert.deepEqual(
      dialogue.ledger.pending().map(({ id }) => id),
      waiting.map(({ id }) => id),
    );
    assert.equal(trialsOf(dialogue).length, 31);
    const advice = advise(dialogue, trialsOf(dialogue))!;
    const off = Math.max(...[0.2, 0.5, 0.3].map((best, i) => Math.abs(advice.weights[domains[i]!]! - best)));
    assert.ok(off < 0.08, JSON.stringify(advice));
  }));

await test("asked again after an interruption that lost the proposals, it proposes the same", () =>
  withTempDir(async (dir) => {
    const first = await ask(await open(dir), 3, []);
    await writeFile(join(dir, "proposals.jsonl"), "");
    assert.deepEqual(await ask(await open(dir), 3, []), first);
  }));

await test("all of a results file is taken or nothing; repeats are counted, contradictions refused", () =>
  withTempDir(async (dir) => {
    const proposals = await ask(await open(dir), 5, []);
    const results = proposals.map(measure);
    const bad: [Told, RegExp][] = [
      [{ id: "mix-unknown", losses: { t: 1 } }, /nobody proposed mix-unknown/],
      [{ id: proposals[1]!.id, losses: { other: 1 } }, /no loss of target "t"/],
      [{ losses: { t: 1 } }, /neither id nor weights/],
      [{ id: proposals[1]!.id }, /either losses or failed/],
      [{ weights: { a: 0.5, z: 0.5 }, losses: { t: 1 } }, /"z" is no domain/],
      [{ weights: { a: 0.5 }, losses: { t: 1 } }, /sum to 0.5, not to 1/],
    ];
    for (const [result, message] of bad) {
      const told = tell(await open(dir), [results[0]!, result], "r.jsonl", false);
      await assert.rejects(told, (error) => error instanceof InputError && message.test(error.message));
      assert.equal((await open(dir)).ledger.answers.size, 0);
    }
    await tell(await open(dir), results.slice(0, 2), "r", false);
    const before = await readFile(join(dir, "answers.jsonl"), "utf8");
    assert.deepEqual(await tell(await open(dir), results.slice(0, 2), "r", false), { told: 0, repeated: 2 });
    assert.equal(await readFile(join(dir, "answers.jsonl"), "utf8"), before);
    const other = [{ ...results[0]!, losses: { t: 9 } }];
    await assert.rejects(tell(await open(dir), other, "r", false), /was told before/);
    assert.deepEqual(await tell(await open(dir), other, "r", true), { told: 1, repeated: 0 });
  }));

await test("a failed mixture is neither pending nor proposed again; runs made elsewhere count", () =>
  withTempDir(async (dir) => {
    const [failing, ...rest] = await ask(await open(dir), 5, []);
    const elsewhere = { weights: { a: 0.3, b: 0.4, c: 0.3 }, losses: { t: 2.02 } };
    await tell(
      await open(dir),
      [{ id: failing!.id, failed: "out of memory" }, elsewhere, ...rest.map(measure)],
      "r",
      false,
    );
    const dialogue = await open(dir);
    assert.equal(dialogue.ledger.pending().length, 0);
    assert.equal(trialsOf(dialogue).length, 5);
    const next = await ask(dialogue, 6, []);
    assert.ok(!next.some(({ id }) => id === failing!.id));
  }));

/** t is best at a = 1, u at b = 1: the mean is flat between them, the worst case is not. */
function measureBoth({ id, weights: { a, b, c } }: Proposal): Told {
  return { id, losses: { t: 3 - a! - 0.3 * c!, u: 3 - b! - 0.3 * c! } };
}

await test("where the worst target counts, natural comes first, and nothing is advised without it", () =>
  withTempDir(async (dir) => {
    const targets = [
      { name: "t", weight: 1 },
      { name: "u", weight: 1 },
    ];
    const openWorst = async (): Promise<Dialogue> => ({
      ...(await open(dir)),
      targets,
      search: { ...search, objective: "worst" },
    });
    const proposals = await ask(await openWorst(), 8, []);
    assert.equal(proposals[0]!.by, "natural");
    await tell(await openWorst(), proposals.slice(1).map(measureBoth), "r", false);
    const blind = await openWorst();
    assert.ok(awaitsNatural(blind, trialsOf(blind)));
    assert.equal(advise(blind, trialsOf(blind)), null);
    await tell(await openWorst(), proposals.slice(0, 1).map(measureBoth), "r", false);
    for (let turn = 0; turn < 3; turn++) {
      const next = await ask(await openWorst(), 4, []);
      assert.ok(next.every(({ by }) => by === "bayes"));
      await tell(await openWorst(), next.map(measureBoth), "r", false);
    }
    // Natural is (0.5, 0.3, 0.2); alike gains of t and u, as large as may be, are at (0.6, 0.4, 0).
    const told = await openWorst();
    const { weights } = advise(told, trialsOf(told))!;
    assert.ok(
      Math.abs(weights["a"]! - 0.6) < 0.05 && Math.abs(weights["b"]! - 0.4) < 0.05,
      JSON.stringify(weights),
    );
    const natural = trialsOf(told).find(({ key }) => key === proposals[0]!.id)!;
    assert.ok(Math.abs(natural.objective - (2.44 + 2.64) / 2) < 1e-12);
  }));

await test("a line that is no result is named with file and line", () => {
  assert.throws(
    () => parseLines('{"id":"x","losses":{"t":1}}\n{"id":', "r.jsonl", Told),
    /^InputError: r.jsonl:2: /,
  );
  assert.throws(() => parseLines('{"id":"x","loss":1}', "r.jsonl", Told), /r.jsonl:1: .*loss/);
});
