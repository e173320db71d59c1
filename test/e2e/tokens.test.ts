import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { readNpy } from "../../pipeline/core/npy.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { parseTokenizerJson } from "../../pipeline/tokenizer/tokenizer-json.ts";
import { decode, endOfDocument } from "../../pipeline/tokenizer/vocabulary.ts";
import type { Run } from "../../stages/climb.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareTinyRun, runClimb } from "../support/tiny-run.ts";

const overrides = ["proxyTokenizer.kind=bpe", "proxyTokenizer.vocabularySize=700"];

await test("the domains' tokens are the domains' documents, each after an end of document", async () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    const { code, stdout, stderr } = await runClimb(dir, "search", "tiny.yaml", ...overrides, "--json");
    assert.equal(code, 0, stderr);
    const { artifacts } = JSON.parse(stdout) as { artifacts: Partial<Run> };
    const { tokens, domains, corpus, targets, search } = artifacts;
    assert.ok(search!.result.trials > 12, "proxies read them");
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
    const { data: counts } = await readNpy(file("target-tokens.npy"));
    let start = 0;
    for await (const rows of readDocuments(
      join(targets!.dir, targets!.result.shards[0]!.documents),
      ["text"],
      { batchRows: 1000 },
    )) {
      rows.forEach(({ text }, row) => {
        assert.equal(decode(vocabulary, [...ids.subarray(start, (start += counts[row]!))]), text);
      });
    }
    assert.equal(start, ids.length);
  }));
