import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { decodeBody, HttpBodyError, parseHttpResponse } from "../../../pipeline/corpus/http-response.ts";

const text = "<p>Just a line.</p>";

function decoded(fields: readonly string[], body: string | Uint8Array, maxBytes = 1000): string {
  const head = Buffer.from(["HTTP/1.1 200 OK", ...fields, "", ""].join("\r\n"));
  const response = parseHttpResponse(Buffer.concat([head, Buffer.from(body as string)]));
  return decodeBody(response!, maxBytes).toString();
}

await test("status, fields in lower case and body; undefined for what is no response", () => {
  const response = parseHttpResponse(
    Buffer.from("HTTP/1.1 203 Fine\r\nX-A: b:c\r\nx-a: d\r\nodd\r\n\r\nbody\r\n\r\n"),
  );
  assert.equal(response?.status, 203);
  assert.deepEqual([...response.headers], [["x-a", "b:c"]]);
  assert.equal(response.body.toString(), "body\r\n\r\n");
  for (const other of ["", "HTTP/1.1 200 OK", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 OK\r\n\r\n"]) {
    assert.equal(parseHttpResponse(Buffer.from(other)), undefined, other);
  }
});

await test("chunks are joined: sizes in hexadecimal, with extensions, leading zeros and trailers", () => {
  const chunked = ["Transfer-Encoding: chunked"];
  const body = "4\r\nWiki\r\n0006;name=value\r\npedia \r\nc\r\nin\r\n\r\nchunks\r\n0\r\nTrailer: x\r\n\r\n";
  assert.equal(decoded(chunked, body), "Wikipedia in\r\n\r\nchunks");
  assert.equal(decoded(chunked, text), text, "stored decoded");
  assert.throws(() => decoded(chunked, "4\r\nWiki\r\nnext\r\n"), /broken chunked encoding at byte 9/);
  assert.throws(() => decoded(chunked, "4\r\nWi"), HttpBodyError);
  assert.throws(() => decoded(chunked, "4\r\nWiki\r\n"), HttpBodyError);
});

const coded = (name: string) => [`Content-Encoding: ${name}`];

await test("content encodings, also of one another and of chunks", () => {
  assert.equal(decoded(coded("gzip"), gzipSync(text)), text);
  assert.equal(decoded(coded("X-GZIP"), Buffer.concat([gzipSync("<p>"), gzipSync("two")])), "<p>two");
  assert.equal(decoded(coded("deflate"), deflateSync(text)), text);
  assert.equal(decoded(coded("deflate"), deflateRawSync(text)), text);
  assert.equal(decoded(coded("br"), brotliCompressSync(text)), text);
  assert.equal(decoded(coded("gzip, br"), brotliCompressSync(gzipSync(text))), text);
  const zipped = gzipSync(text);
  const chunk = Buffer.concat([
    Buffer.from(`${zipped.length.toString(16)}\r\n`),
    zipped,
    Buffer.from("\r\n0\r\n\r\n"),
  ]);
  assert.equal(decoded([...coded("gzip"), "Transfer-Encoding: chunked"], chunk), text);
  for (const name of ["gzip", "br", "deflate", "identity"])
    assert.equal(decoded(coded(name), text), text, name);
  assert.equal(decoded(coded("br"), ""), "");
});

function assertFails(name: string, body: Uint8Array, message: RegExp): void {
  assert.throws(
    () => decoded([`Content-Encoding: ${name}`], body),
    (error: unknown) => {
      assert.ok(error instanceof HttpBodyError);
      assert.match(error.message, message);
      return true;
    },
  );
}

await test("unknown, broken and exploding encodings are one kind of error", () => {
  assertFails("zstd", Buffer.from("(\xb5/\xfd"), /unknown encoding 'zstd'/);
  assertFails("gzip", gzipSync(text).subarray(0, 20), /broken gzip encoding \(unexpected end of file\)/);
  assertFails("br", Buffer.from("xyz"), /broken br encoding/);
  for (const [name, bomb] of [
    ["gzip", gzipSync(Buffer.alloc(1001))],
    ["br", brotliCompressSync(Buffer.alloc(1001))],
    ["deflate", deflateSync(Buffer.alloc(1001))],
  ] as const) {
    assertFails(name, bomb, /larger than 1000 bytes/);
  }
});
