import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { readNpy } from "../../pipeline/core/npy.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { SearchResult } from "../../pipeline/schema/search.ts";
import { parseTokenizerJson } from "../../pipeline/tokenizer/tokenizer-json.ts";
import { decode, endOfDocument } from "../../pipeline/tokenizer/vocabulary.ts";
import type { Run } from "../../stages/climb.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareFinishedRun, runClimb } from "../support/tiny-run.ts";

const overrides = [
  "proxyTokenizer.kind=bpe",
  "proxyTokenizer.vocabularySize=700",
  "domains.merge={domains: 2, minDomainShare: 0.15, maxDomainShare: 0.9}",
  "holdout={maxOverlap: 0.9, minSimilarity: 0.9, minNgramShare: 1, validation: {share: 0.2, domainTokens: 3000}}",
  "search.domainsWeight=0.5",
];

await test("the domains' tokens are the domains' documents, each after an end of document", async () =>
  withTempDir(async (dir) => {
    await prepareFinishedRun(dir);
    const lines = Array.from({ length: 40 }, (_, i) =>
      JSON.stringify({
        context: `Question ${i}?`,
        continuation: ` yes, ${i}`,
        alternatives: [" no", " perhaps"],
      }),
    );
    await writeFile(join(dir, "questions.jsonl"), `${lines.join("\n")}\n`);
    const yaml = await readFile(join(dir, "tiny.yaml"), "utf8");
    const target = "  - { name: news, files: target.jsonl }\n";
    await writeFile(
      join(dir, "tiny.yaml"),
      yaml.replace(target, `${target}  - { name: quiz, files: questions.jsonl, measure: accuracy }\n`),
    );
    const { code, stdout, stderr } = await runClimb(dir, "search", "tiny.yaml", ...overrides, "--json");
    assert.equal(code, 0, stderr);
    const { artifacts } = JSON.parse(stdout) as { artifacts: Partial<Run> };
    const { tokens, domains, corpus, targets, search, holdout } = artifacts;
    assert.ok(search!.result.trials > 12, "proxies read them");
    const found = SearchResult.parse(JSON.parse(await readFile(join(search!.dir, "search.json"), "utf8")));
    for (const { taskScores, losses } of found.trials) {
      assert.ok(taskScores!["quiz"]! >= 0 && taskScores!["quiz"]! <= 1);
      assert.deepEqual(
        losses.map(({ target }) => target),
        ["news", "quiz", "domains"],
      );
    }
    // Every domain's own text is measured, and their mean is what counts beside the targets.
    const domainIds = domains!.result.domains.map(({ id }) => id);
    for (const { domainLosses, losses, objective } of found.trials) {
      assert.deepEqual(
        domainLosses!.map(({ domain }) => domain),
        domainIds,
      );
      const mean = domainLosses!.reduce((sum, { bitsPerByte }) => sum + bitsPerByte, 0) / domainIds.length;
      const [news, quiz, own] = losses.map(({ loss }) => loss);
      assert.ok(Math.abs(own! - mean) < 1e-12);
      assert.ok(Math.abs(objective - (news! + quiz! + 0.5 * mean) / 2.5) < 1e-12);
    }
    // Questions count by their error rate, and say so.
    for (const { losses, taskScores } of found.trials) {
      const quiz = losses.find(({ target }) => target === "quiz")!;
      assert.ok(Math.abs(quiz.loss - (1 - taskScores!["quiz"]!)) < 1e-12);
      assert.ok(quiz.bitsPerByte! > 1 && losses[0]!.bitsPerByte === undefined);
    }
    assert.equal(found.unit, "weighted bits per byte and error rate");
    assert.match(found.verdict.text, / in weighted bits per byte and error rate /);
    for (const { confirmLosses } of found.final) {
      const { loss, bitsPerByte } = confirmLosses[1]!;
      assert.ok(loss >= 0 && loss <= 1 && bitsPerByte! > 1);
    }
    for (const { confirmLosses } of found.final) assert.equal(confirmLosses.at(-1)!.target, "domains");
    assert.ok(found.validationText!.every(({ selectBytes, confirmBytes }) => selectBytes * confirmBytes > 0));
    const heldOut = [...(await readNpy(join(holdout!.dir, "validation.npy"))).data];
    const { data: training } = await readNpy(join(holdout!.dir, "training.npy"));
    const { data: domainOf } = await readNpy(join(domains!.dir, "row-domain.npy"));
    assert.ok(heldOut.reduce((sum, is) => sum + is, 0) > 20);
    heldOut.forEach((is, row) => assert.ok(is === 0 || (training[row] === 0 && domainOf[row] === -1)));
    assert.deepEqual(
      found.taskCorrelations.map(({ task, trials }) => [task, trials]),
      [["quiz", 12]],
    );
    const file = (name: string) => join(tokens!.dir, name);
    const path = file("tokenizer/tokenizer.json");
    const vocabulary = parseTokenizerJson(await readFile(path, "utf8"), path);
    assert.equal(tokens!.result.vocabularySize, 700);
    assert.equal(tokens!.result.endOfDocument, endOfDocument);

    const texts: string[] = [];
    for (const { documents } of corpus!.result.shards) {
      for await (const rows of readDocuments(join(corpus!.dir, documents), ["text"], { batchRows: 1000 }))
        texts.push(...rows.map(({ text }) => text as string));
    }
    const { data: rowDomain } = await readNpy(join(domains!.dir, "row-domain.npy"));
    let shuffled = 0;
    for (const [domain, { tokens: count, ...stated }] of tokens!.result.domains.entries()) {
      const { data } = await readNpy(file(stated.file));
      assert.ok(data instanceof Uint16Array && data.length === count);
      const ends = [...(await readNpy(file(stated.ends))).data];
      const found = ends.map((end, document) => {
        const ids = data.subarray(document === 0 ? 0 : ends[document - 1], end);
        assert.equal(ids[0], endOfDocument);
        return decode(vocabulary, ids.subarray(1));
      });
      const expected = texts.filter((_, row) => rowDomain[row] === domain);
      assert.deepEqual(found.toSorted(), expected.toSorted());
      if (found.some((text, i) => text !== expected[i])) shuffled++;
      const { documents, tokens: runTokens } = domains!.result.domains[domain]!;
      assert.deepEqual([stated.documents, stated.runTokens], [documents, runTokens]);
    }
    assert.equal(shuffled, tokens!.result.domains.length, "in an order of their own");

    const [shard] = tokens!.result.targets;
    const { data: ids } = await readNpy(file(shard!.file));
    const { data: table, shape } = await readNpy(file("target-documents.npy"));
    const documents = Array.from({ length: shape[0]! }, (_, d) => [...table.subarray(4 * d, 4 * d + 4)]);
    const questions: string[] = [];
    let start = 0;
    let document = 0;
    let row = 0;
    for await (const rows of readDocuments(
      join(targets!.dir, targets!.result.shards[0]!.documents),
      ["text", "question"],
      { batchRows: 1000 },
    )) {
      for (const { text, question } of rows) {
        const answers = documents.filter(([of]) => of === row);
        answers.forEach(([, tokens = 0, given = 0, bytes], a) => {
          const all = decode(vocabulary, [...ids.subarray(start, start + tokens)]);
          if (a === 0) assert.equal(all, text);
          if (question !== null) questions.push(all);
          assert.equal(
            Buffer.byteLength(decode(vocabulary, [...ids.subarray(start + given, start + tokens)])),
            bytes,
          );
          start += tokens;
        });
        assert.equal(answers.length, question === null ? 1 : 3);
        document += answers.length;
        row++;
      }
    }
    assert.equal(document, documents.length);
    assert.ok(questions.length >= 60 && questions.includes("Question 3? no"), questions.slice(0, 6).join());
    assert.equal(start, ids.length);
  }));
