import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Embedder } from "../../pipeline/embed/embedder.ts";
import type { EmbedConfig } from "../../pipeline/schema/embed-config.ts";

const texts = [
  "The cat sat on the mat.",
  "the dog ran far away, and the cat sat",
  "Run! Jumped? 1 2 12",
  "",
  " \n\t ",
  "\u0000\uFFFD\uD800",
  "日本語のテキスト 中文",
  "🙂🙃",
  "[UNK] [PAD] [CLS]",
  "a",
  "the cat ".repeat(2000),
  "x".repeat(5000),
];

/**
 * What holds for every Embedder.
 *
 * @param create makes one, with some settings other than its usual ones
 * @param cutAt settings by which it sees so many words of a text at once, or less
 */
export async function embedderSuite(
  name: string,
  create: (settings?: Partial<EmbedConfig>) => Promise<Embedder>,
  cutAt: (words: number) => Partial<EmbedConfig> = (words) => ({ maxTokens: words }),
): Promise<void> {
  await test(`${name} is an embedder:`, async (t) => {
    const embedder = await create();
    const { dimension } = embedder;
    const rowOf = (rows: Float32Array, row: number) => rows.subarray(row * dimension, (row + 1) * dimension);

    await t.test("gives a row of length 1 for each text, odd ones too", async () => {
      const rows = await embedder.embed(texts);
      assert.equal(rows.length, texts.length * dimension);
      for (const [row, text] of texts.entries()) {
        const length = Math.hypot(...rowOf(rows, row));
        assert.ok(Math.abs(length - 1) < 1e-6, `length ${length} for '${text.slice(0, 20)}'`);
      }
    });

    await t.test("gives no rows for no texts", async () => {
      assert.equal((await embedder.embed([])).length, 0);
    });

    await t.test("gives the same bytes again, and in a second instance", async () => {
      const first = await embedder.embed(texts);
      assert.deepEqual(await embedder.embed(texts), first);
      const other = await create();
      assert.deepEqual(await other.embed(texts), first);
      assert.equal(other.identity, embedder.identity);
      await other.close();
    });

    await t.test("gives a text the same row whatever its neighbours are", async () => {
      const alone = await Promise.all(texts.map(async (text) => embedder.embed([text])));
      await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray([...texts.keys()]), async (order) => {
          const rows = await embedder.embed(order.map((index) => texts[index]!));
          for (const [row, index] of order.entries()) assert.deepEqual(rowOf(rows, row), alone[index]);
        }),
        { numRuns: 20 },
      );
    });

    await t.test("takes any text", async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
          const row = await embedder.embed([text]);
          assert.ok(Math.abs(Math.hypot(...row) - 1) < 1e-6);
        }),
        { numRuns: 50 },
      );
    });

    await t.test("tells unlike texts apart", async () => {
      const rows = await embedder.embed(["the cat sat on the mat", "the dog ran far away"]);
      const cosine = rowOf(rows, 0).reduce((sum, value, i) => sum + value * rowOf(rows, 1)[i]!, 0);
      assert.ok(cosine < 0.99, `cosine ${cosine}`);
    });

    await t.test("reads the prefix as part of the text, and stops at maxTokens", async () => {
      const prefixed = await create({ prefix: "the dog " });
      assert.deepEqual(await prefixed.embed(["ran away"]), await embedder.embed(["the dog ran away"]));
      const short = await create(cutAt(4));
      assert.deepEqual(
        await short.embed(["the cat sat on a mat far away"]),
        await short.embed(["the cat sat on a dog"]),
      );
      assert.equal(new Set([embedder, prefixed, short].map(({ identity }) => identity)).size, 3);
      await prefixed.close();
      await short.close();
    });

    await t.test(
      "averages the pieces of a long text if told to, and leaves short ones as they are",
      async () => {
        const [cut, average] = [await create(cutAt(6)), await create({ ...cutAt(6), longTexts: "average" })];
        const [short, long] = ["the cat", "the cat sat on a mat and the dog ran far away"];
        assert.deepEqual(await average.embed([short]), await cut.embed([short]));
        assert.notDeepEqual(await average.embed([long]), await cut.embed([long]));
        assert.notDeepEqual(await average.embed([long]), await average.embed([`${long} the dog ran`]));
        assert.notEqual(average.identity, cut.identity);
        await cut.close();
        await average.close();
      },
    );

    await t.test("says how far it is, and stops where it is told to", async () => {
      let done = 0;
      await embedder.embed(texts, (finished) => {
        done += finished;
      });
      assert.ok(done > 0 && done < texts.length + 1e-6, `${done} of ${texts.length}`);
      const stop = new Error("stop");
      const stopped = embedder.embed(texts, () => {
        throw stop;
      });
      await assert.rejects(stopped, stop);
    });

    await t.test(
      "has a sha256 for its identity, which the number of documents in a shard does not change",
      async () => {
        assert.match(embedder.identity, /^[0-9a-f]{64}$/);
        const other = await create({ shardDocuments: 7 });
        assert.equal(other.identity, embedder.identity);
        await other.close();
      },
    );

    await embedder.close();
  });
}
