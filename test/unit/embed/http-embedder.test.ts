import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, IncompleteError, InputError } from "../../../pipeline/core/errors.ts";
import { createEmbedder, embedderIdentity } from "../../../pipeline/embed/create-embedder.ts";
import { Pace } from "../../../pipeline/embed/http/pace.ts";
import { retryAfterMs } from "../../../pipeline/embed/http/retry-after.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";
import { fakeVector, type Fault, withEmbeddingServer } from "../../support/embedding-server.ts";

const texts = Array.from({ length: 10 }, (_, i) => `text number ${i} ${"long ".repeat(i)}`);

function settings(url: string, http: object = {}, more: object = {}): EmbedConfig {
  return EmbedConfig.parse({ model: "served", http: { url, batchTexts: 4, ...http }, ...more });
}

/** Embeds the texts with a server that does `faults` to its requests, counted from 0; the first asks for the dimension. */
async function embedWith(
  faults: Readonly<Record<number, Fault>>,
  http: object = {},
  limit = Infinity,
): Promise<{ rows: Float32Array; batches: number[] }> {
  return withEmbeddingServer({ faults, limit }, async ({ url, requests }) => {
    const embedder = await createEmbedder(settings(url, http));
    const rows = await embedder.embed(texts);
    assert.equal(embedder.dimension, 4);
    return { rows, batches: requests.map(({ input }) => input.length) };
  });
}

const expected = Float32Array.from(
  texts.flatMap((text) => {
    const vector = fakeVector(text.trim());
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  }),
);
function assertExpected(rows: Float32Array): void {
  assert.equal(rows.length, expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(rows[i]! - value) < 1e-6);
}

await test("rows keep the texts' order, whatever the order of answers", async () => {
  const { rows, batches } = await embedWith({ 1: { delayMs: 50 }, 2: { shuffled: true } });
  assertExpected(rows);
  assert.deepEqual(batches, [1, 4, 4, 2]);
});

await test("what passes is tried again: 429 with Retry-After, 503, a lost connection, no answer in time", async () => {
  const started = performance.now();
  const { rows, batches } = await embedWith(
    { 1: { status: 429, retryAfter: "0.3" }, 3: { status: 503 }, 4: { hangUp: true }, 6: { delayMs: 2000 } },
    { concurrency: 1, timeoutSeconds: 0.5 },
  );
  assertExpected(rows);
  assert.deepEqual(batches, [1, 4, 4, 4, 4, 4, 2, 2]);
  assert.ok(performance.now() - started > 300);
});

await test("413 halves a batch until the server takes it", async () => {
  const { rows, batches } = await embedWith({}, { batchTexts: 10, concurrency: 1 }, 3);
  assertExpected(rows);
  assert.deepEqual(batches, [1, 10, 5, 3, 2, 5, 3, 2]);
});

await test("a text that is too long by itself is named", async () => {
  await assert.rejects(embedWith({}, {}, 0), (error: unknown) => {
    return error instanceof InputError && /413 to a text of \d+ characters/.test(error.message);
  });
});

await test("a server that keeps failing leaves the work incomplete; one that refuses says why", async () => {
  const cases: [Fault, new (...args: never[]) => Error, RegExp][] = [
    [{ status: 500, body: "out of memory" }, IncompleteError, /500 out of memory, 2 times/],
    [{ hangUp: true }, IncompleteError, /cannot be reached/],
    [{ status: 401, body: "who are you" }, ConfigError, /401 who are you/],
    [{ status: 404 }, ConfigError, /404/],
    [{ status: 422, body: "too many tokens" }, InputError, /422 too many tokens/],
    [{ body: "<html>" }, InputError, /other than JSON/],
    [{ body: '{"data": [{"index": 0}]}' }, InputError, /without vectors/],
    [{ body: '{"data": [{"index": 1, "embedding": [1]}]}' }, InputError, /gives vectors 1 for 4 texts/],
    [{ dimension: 3 }, InputError, /4 dimensions first and 3 later/],
  ];
  for (const [fault, kind, message] of cases) {
    await assert.rejects(
      embedWith({ 1: fault, 2: fault }, { retries: 1, concurrency: 1 }),
      (error: unknown) => {
        assert.ok(error instanceof kind, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  }
  await withEmbeddingServer({}, async ({ url }) => {
    const known = EmbedConfig.parse({ model: "org/stella_en_400M_v5", http: { url } });
    await assert.rejects(
      createEmbedder(known),
      /gives vectors of 4 dimensions, org\/stella_en_400M_v5 has 1024/,
    );
  });
});

await test("the key goes along, texts are cut, prefixed and made valid; blank ones are not sent", async () => {
  process.env["TEST_EMBED_KEY"] = "secret";
  await withEmbeddingServer({}, async ({ url, requests }) => {
    const config = settings(url, { keyVariable: "TEST_EMBED_KEY", maxCharacters: 5 }, { prefix: "p: " });
    const embedder = await createEmbedder(config);
    const rows = await embedder.embed([" \n", "abcdefgh", "a\uD800b"]);
    assert.deepEqual(rows.slice(0, 4), Float32Array.of(1, 0, 0, 0));
    assert.deepEqual(requests[1]!.input, ["p: abcde", "p: a\uFFFDb"]);
    assert.equal(requests[1]!.authorization, "Bearer secret");
    assert.equal(requests[1]!.model, "served");
    const long = await createEmbedder(settings(url, { maxCharacters: 5 }, { longTexts: "average" }));
    await long.embed(["abcdefgh"]);
    assert.deepEqual(requests.at(-1)!.input, ["abcde", "fgh"]);
  });
  delete process.env["TEST_EMBED_KEY"];
});

await test("the identity is that of the model, not of the server; pooling is the server's", async () => {
  const [one, other] = [settings("http://one/v1"), settings("http://two/v1", { concurrency: 1, retries: 0 })];
  assert.equal(await embedderIdentity(one), await embedderIdentity(other));
  assert.notEqual(await embedderIdentity(one), await embedderIdentity({ ...one, model: "another" }));
  await assert.rejects(embedderIdentity({ ...one, pooling: "cls" }), ConfigError);
});

await test("requests start at a steady pace, and none during a pause", async () => {
  const pace = new Pace(1200);
  const { signal } = new AbortController();
  const start = performance.now();
  await Promise.all([pace.turn(signal), pace.turn(signal), pace.turn(signal)]);
  // Three starts at 50 ms each: the third after 100, but for timers that fire up to a millisecond early.
  assert.ok(performance.now() - start >= 98);
  pace.pause(150);
  const paused = performance.now();
  await pace.turn(signal);
  assert.ok(performance.now() - paused >= 148);
});

await test("Retry-After in seconds and as a date", () => {
  const now = Date.parse("Tue, 24 Nov 2026 06:00:00 GMT");
  assert.equal(retryAfterMs("2", now), 2000);
  assert.equal(retryAfterMs("Tue, 24 Nov 2026 06:00:05 GMT", now), 5000);
  assert.equal(retryAfterMs("Tue, 24 Nov 2026 05:00:00 GMT", now), 0);
  assert.equal(retryAfterMs("soon", now), undefined);
  assert.equal(retryAfterMs(null, now), undefined);
});
