import assert from "node:assert/strict";
import { cp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { test } from "node:test";
import { ConfigError, InputError } from "../../../pipeline/core/errors.ts";
import { createEmbedder, embedderIdentity } from "../../../pipeline/embed/create-embedder.ts";
import { findModelFiles, wordVectorsFolder } from "../../../pipeline/embed/model-files.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";
import { writeTinyBert } from "../../conformance/embedder-tiny-bert.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const config = (settings: object) => EmbedConfig.parse(settings);

/** Checks the message and hint of the InputError that `promise` fails with. */
async function failsWith(promise: Promise<unknown>, message: RegExp, hint: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, message);
    assert.match(error.hint, hint);
    return true;
  });
}

await test("the embedded model, a directory by absolute and by relative path", async () => {
  const embedded = await findModelFiles(config({}));
  assert.equal(embedded.implementation, "static");
  assert.equal(embedded.folder, wordVectorsFolder());
  assert.equal(embedded.graph, join(wordVectorsFolder(), "onnx", "model_quantized.onnx"));
  const local = await findModelFiles(config({ model: relative(process.cwd(), wordVectorsFolder()) }));
  assert.deepEqual(local, { ...embedded, implementation: "transformer" });
});

await test("what is missing is named, with what to do", async () => {
  await failsWith(findModelFiles(config({ model: "./no/such" })), /no directory .*no\/such/, /hub name/);
  await failsWith(findModelFiles(config({ precision: "fp32" })), /onnx\/model\.onnx/, /--precision fp32/);
  await withTempDir(async (folder) => {
    await writeTinyBert(folder);
    await rm(join(folder, "onnx", "model.onnx"));
    await failsWith(
      findModelFiles(config({ model: folder, precision: "fp32" })),
      /model\.onnx/,
      /precision to int8/,
    );
    await rm(join(folder, "tokenizer.json"));
    await failsWith(findModelFiles(config({ model: folder })), /tokenizer\.json/, /tokenizer_config\.json/);
    const file = join(folder, "config.json");
    await failsWith(findModelFiles(config({ model: file })), /no directory/, /directory/);
  });
});

await test("the paper's model has no ONNX file: it is to be served", async () => {
  await assert.rejects(
    findModelFiles(config({ model: "NovaSearch/stella_en_400M_v5" })),
    (error: unknown) => {
      return error instanceof ConfigError && /http\.url/.test(error.hint);
    },
  );
});

await test("the identity follows every file and setting that decides the vectors, and nothing else", async () => {
  await withTempDir(async (folder) => {
    const [one, copy] = [join(folder, "one"), join(folder, "copy")];
    await writeTinyBert(one);
    await cp(one, copy, { recursive: true });
    const base = await embedderIdentity(config({ model: one }));
    assert.equal(await embedderIdentity(config({ model: copy, shardDocuments: 5 })), base);
    const changed = [
      { model: one, pooling: "cls" },
      { model: one, maxTokens: 5 },
      { model: one, prefix: "query: " },
      { model: one, longTexts: "average" },
      { model: one, dimension: 8 },
    ];
    const identities = new Set([base]);
    for (const settings of changed) identities.add(await embedderIdentity(config(settings)));
    for (const name of [
      "config.json",
      "tokenizer.json",
      "tokenizer_config.json",
      "onnx/model_quantized.onnx",
    ]) {
      await writeFile(join(copy, name), `${await readFile(join(copy, name), "latin1")} `);
      identities.add(await embedderIdentity(config({ model: copy })));
    }
    assert.equal(identities.size, 1 + changed.length + 4);
  });
});

await test("a hub model is downloaded once, into the user's cache, and then needs no hub", async () => {
  await withTempDir(async (folder) => {
    await writeTinyBert(join(folder, "hub"));
    const requests: string[] = [];
    const hub = createServer((request, response) => {
      requests.push(request.url!);
      const path = /^\/tiny\/bert\/resolve\/main\/(.*)$/.exec(request.url!)?.[1];
      readFile(join(folder, "hub", path ?? "none")).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((listening) => {
      hub.listen(0, "127.0.0.1", listening);
    });
    process.env["HF_ENDPOINT"] = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
    process.env["XDG_CACHE_HOME"] = join(folder, "cache");
    const model = "tiny/bert";
    const identity = await embedderIdentity(config({ model }));
    assert.equal(identity, await embedderIdentity(config({ model: join(folder, "hub") })));
    assert.equal(requests.length, 4);
    await failsWith(embedderIdentity(config({ model: "tiny/none" })), /tiny\/none.*127\.0\.0\.1/, /offline/);

    await new Promise((closed) => {
      hub.close(closed);
      hub.closeAllConnections();
    });
    const embedder = await createEmbedder(config({ model }));
    assert.equal(embedder.identity, identity);
    assert.equal((await embedder.embed(["the cat"])).length, embedder.dimension);
    await embedder.close();
    await failsWith(
      embedderIdentity(config({ model, precision: "fp32" })),
      /model\.onnx.*127\.0\.0\.1/,
      /offline/,
    );
    process.env["HF_HUB_OFFLINE"] = "1";
    await failsWith(
      embedderIdentity(config({ model, precision: "fp32" })),
      /HF_HUB_OFFLINE is set.*tiny\/bert\/onnx\/model\.onnx/,
      /unset/,
    );
    assert.equal(await embedderIdentity(config({ model })), identity);
    // A known model may go without its owner.
    await failsWith(embedderIdentity(config({ model: "gte-small" })), /models\/Xenova\/gte-small/, /unset/);
    delete process.env["HF_HUB_OFFLINE"];
    await assert.rejects(stat(join(folder, "cache", "climb", "models", model, "onnx", "model.onnx")));
  });
});
