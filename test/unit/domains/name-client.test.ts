import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test from "node:test";
import { ConfigError, IncompleteError } from "../../../pipeline/core/errors.ts";
import { nameDomains } from "../../../pipeline/domains/name-client.ts";
import { withTempDir } from "../../support/temp-dir.ts";

interface Request {
  readonly key: string | undefined;
  readonly content: string;
}

/** A server that answers the nth request with the nth of these, the last one for ever. */
async function withServer(
  answers: readonly { readonly status: number; readonly name?: string }[],
  use: (url: string, requests: Request[]) => Promise<void>,
): Promise<void> {
  const requests: Request[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    const { messages } = JSON.parse(body) as { messages: { content: string }[] };
    const { status, name } = answers[Math.min(requests.length, answers.length - 1)]!;
    requests.push({ key: request.headers.authorization, content: messages[0]!.content });
    const said = name === undefined ? "busy" : JSON.stringify({ choices: [{ message: { content: name } }] });
    response.writeHead(status).end(said);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`, requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function domain(word: string) {
  return {
    id: word,
    keywords: [word, `${word}s`],
    representatives: [{ id: "1", source: "web", excerpt: `All about ${word}.` }],
  };
}

const common = { model: "m", keyVariable: "CLIMB_TEST_KEY", concurrency: 1, timeoutSeconds: 5, retries: 1 };
const { signal } = new AbortController();

await test("asks with keywords and documents, tries again, keeps answers, tells equal names apart", () =>
  withTempDir((dir) =>
    withServer(
      [
        { status: 503 },
        { status: 200, name: '"River towns."\nBecause ...' },
        { status: 200, name: "River towns" },
      ],
      async (url, requests) => {
        process.env["CLIMB_TEST_KEY"] = "secret";
        const names = await nameDomains([domain("river"), domain("town")], { ...common, url }, dir, signal);
        assert.deepEqual(names, ["River towns", "River towns (2)"]);
        assert.equal(requests.length, 3);
        assert.equal(requests[0]!.key, "Bearer secret");
        assert.match(requests[0]!.content, /river, rivers[^]*Document 1: All about river\./);
        assert.equal((await readdir(dir)).length, 2);
        // Asked before, in whatever order: the server is not needed.
        const again = { ...common, url: "http://127.0.0.1:1/v1" };
        assert.deepEqual(await nameDomains([domain("town"), domain("river")], again, dir, signal), names);
        // Another model is another question.
        await nameDomains([domain("river")], { ...common, url, model: "other" }, dir, signal);
        assert.equal(requests.length, 4);
      },
    ),
  ));

await test("a server that keeps failing leaves the run resumable, with what it answered before", () =>
  withTempDir((dir) =>
    withServer([{ status: 200, name: "Rivers" }, { status: 500 }], async (url, requests) => {
      await assert.rejects(
        nameDomains([domain("river"), domain("town")], { ...common, url }, dir, signal),
        (error) => error instanceof IncompleteError && /says 500 busy, 2 times/.test(error.message),
      );
      assert.equal(requests.length, 3);
      assert.equal((await readdir(dir)).length, 1);
    }),
  ));

await test("a refusal and an answer without a name are told", () =>
  withTempDir((dir) =>
    withServer([{ status: 401 }, { status: 200, name: "x".repeat(99) }], async (url) => {
      await assert.rejects(nameDomains([domain("river")], { ...common, url }, dir, signal), (error) => {
        assert(error instanceof ConfigError);
        assert.match(error.hint, /CLIMB_TEST_KEY/);
        return true;
      });
      await assert.rejects(
        nameDomains([domain("river")], { ...common, url, retries: 0 }, dir, signal),
        /answers without a name/,
      );
    }),
  ));
