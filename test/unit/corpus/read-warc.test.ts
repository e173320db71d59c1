import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { InputError } from "../../../pipeline/core/errors.ts";
import { maxBlockBytes } from "../../../pipeline/corpus/warc-records.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { inputFile, putFile, readAll, textsOf } from "./input-files.ts";
import { conversion, members, response, warcRecord } from "./warc-files.ts";

const html = ["HTTP/1.1 200 OK", "Content-Type: text/html"];
const info = warcRecord("warcinfo", "software: by hand\r\n", "Content-Type: application/warc-fields");

/** Reason and detail of skips, texts of documents. */
const tell = (records: Awaited<ReturnType<typeof readAll>>) =>
  records.map((record) => ("reason" in record ? `${record.reason}: ${record.detail}` : record.text));

await test("a WET file worked by hand: place, id and address of every document", () =>
  withTempDir(async (folder) => {
    const first = conversion(
      "één\r\n\r\ntwo",
      "WARC-Target-URI: http://a.example/é",
      "WARC-Record-ID: <urn:uuid:1>",
    );
    const second = conversion("three", "WARC-Target-URI: <http://b.example/>");
    const records = [info, first, second];
    const expected = [
      {
        file: "",
        line: 1,
        reason: "not-a-document",
        detail: "warcinfo record, at byte 0",
      },
      {
        text: "één\r\n\r\ntwo",
        sourceId: "<urn:uuid:1>",
        url: "http://a.example/é",
        scores: [null],
        file: "",
        line: 2,
      },
      { text: "three", sourceId: null, url: "http://b.example/", scores: [null], file: "", line: 3 },
    ];
    for (const [name, bytes, format] of [
      ["a.warc.wet.gz", members(records), "wet"],
      ["b.wet", Buffer.concat(records), "wet"],
      ["c.warc.gz", gzipSync(Buffer.concat(records)), "warc"],
      ["by-first-bytes", Buffer.concat(records), "warc"],
      ["by-first-bytes.gz", members(records), "warc"],
    ] as const) {
      const file = await putFile(folder, name, bytes);
      assert.equal(file.format, format, name);
      const read = await readAll(file, { scores: ["quality"] });
      assert.deepEqual(
        read,
        expected.map((record) => ({ ...record, file: name })),
        name,
      );
    }
  }));

await test("of a WARC file pages that a server gave become documents, everything else is counted", () =>
  withTempDir(async (folder) => {
    const page = "<p>Just a line.</p>";
    const records = [
      info,
      warcRecord("request", "GET / HTTP/1.1\r\n\r\n", "Content-Type: application/http;msgtype=request"),
      response(html, page),
      response(["HTTP/1.0 404 Not Found", "Content-Type: text/html"], page),
      response(["HTTP/1.1 200 OK", "Content-Type: image/gif"], "GIF89a"),
      response(["HTTP/1.1 200 OK", "content-type: Application/XHTML+XML; charset=utf-8"], page),
      response(
        ["HTTP/1.1 200 OK", "Content-Type: text/plain"],
        page,
        "WARC-Identified-Payload-Type: text/html",
      ),
      response(["HTTP/1.1 200 OK"], `<!DOCTYPE html>${page}`),
      response(["HTTP/1.1 200 OK"], "%PDF"),
      warcRecord("response", "20080430\n", "Content-Type: text/dns"),
      warcRecord("response", "no header"),
      warcRecord("conversion", "%PDF", "Content-Type: application/pdf"),
      warcRecord("revisit", ""),
      conversion(Buffer.from("caf\xe9", "latin1")),
    ];
    const read = await readAll(await putFile(folder, "a.warc", Buffer.concat(records)));
    assert.deepEqual(
      tell(read).map((line) => line.replace(/, at byte \d+$/, "")),
      [
        "not-a-document: warcinfo record",
        "not-a-document: request record",
        "Just a line.",
        "not-a-document: HTTP status 404",
        "not-a-document: response of image/gif",
        "Just a line.",
        "Just a line.",
        "Just a line.",
        "not-a-document: response of no type",
        "not-a-document: response of text/dns",
        "unreadable-record: no HTTP header",
        "not-a-document: conversion to application/pdf",
        "not-a-document: revisit record",
        "invalid-utf8: the record is not valid UTF-8",
      ],
    );
    assert.deepEqual(
      read.map(({ line }) => line),
      records.map((_, index) => index + 1),
    );
    const third = read[3]!;
    assert.ok("reason" in third);
    const before = Buffer.concat(records.slice(0, 3)).length;
    assert.equal(third.detail, `HTTP status 404, at byte ${before}`);
  }));

await test("a wrong Content-Length costs its record, not those after it", () =>
  withTempDir(async (folder) => {
    const rest = [conversion("second"), conversion("third")];
    for (const [length, trouble] of [
      ["3", "the record does not end after its Content-Length, 3"],
      ["60", "the record does not end after its Content-Length, 60"],
      ["5000", "the file ends in the middle of a record"],
      ["-1", "Content-Length is '-1'"],
      ["1e3", "Content-Length is '1e3'"],
      ["", "Content-Length is ''"],
    ] as const) {
      const broken = conversion("the first", `Content-Length: ${length}`);
      const file = await putFile(folder, "a.wet", Buffer.concat([broken, ...rest]));
      assert.deepEqual(
        tell(await readAll(file)),
        [`unreadable-record: ${trouble}; ${broken.length} bytes left out, at byte 0`, "second", "third"],
        length,
      );
    }
  }));

await test("bytes between records are a skip that says where and how many", () =>
  withTempDir(async (folder) => {
    const [first, second] = [conversion("first"), conversion("second")];
    for (const garbage of ["not a record", "\u0000\u0001\u0002", `WARC/ ${"x".repeat(200_000)}\r\n`]) {
      const bytes = Buffer.concat([first, Buffer.from(garbage), second, Buffer.from("the end")]);
      assert.deepEqual(tell(await readAll(await putFile(folder, "a.wet", bytes))), [
        "first",
        `unreadable-record: not a WARC record; ${garbage.length} bytes left out, at byte ${first.length}`,
        "second",
        `unreadable-record: not a WARC record; 7 bytes left out, at byte ${bytes.length - 7}`,
      ]);
    }
    const endless = Buffer.concat([Buffer.from(`WARC/1.0\r\nx: ${"y".repeat(2 ** 20)}`), first]);
    const [trouble, text] = tell(await readAll(await putFile(folder, "b.wet", endless)));
    assert.match(trouble!, /no header ends within 1048576 bytes/);
    assert.equal(text, "first");
  }));

await test("bare newlines, more or fewer of them, folded fields and old versions are no trouble", () =>
  withTempDir(async (folder) => {
    const bare =
      "WARC/0.17\nWARC-Type: conversion\nWARC-Target-URI:\n http://a.example/\nContent-Length: 3\n\none\n\n";
    const second = "\r\n\r\nWARC/1.1\r\nwarc-type: conversion\r\ncontent-length: 3\r\n\r\ntwo\r\n";
    const third = "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 5\r\n\r\nthree";
    const read = await readAll(await putFile(folder, "a.wet", bare + second + third));
    assert.deepEqual(textsOf(read), ["one", "two", "three"]);
    assert.equal("url" in read[0]! && read[0].url, "http://a.example/");
  }));

await test("a file cut short is a bad file; whole records before the cut are kept", () =>
  withTempDir(async (folder) => {
    const records = [conversion("first"), conversion("second"), conversion("third")];
    const plain = Buffer.concat(records);
    const zipped = members(records);
    const start = records[0]!.length + records[1]!.length;
    for (const [name, bytes, trouble] of [
      ["a.wet", plain.subarray(0, -8), "the file ends in the middle of a record"],
      ["b.wet", plain.subarray(0, start + 30), "the file ends in the middle of a record"],
      ["c.wet.gz", zipped.subarray(0, -20), "damaged or truncated gzip data (unexpected end of file)"],
      ["d.wet.gz", Buffer.concat([members(records.slice(0, 2)), Buffer.from("x")]), "gzip data"],
      ["e.wet.gz", Buffer.concat([members(records.slice(0, 2)), Buffer.from([0, 1])]), "no member"],
    ] as const) {
      const file = await putFile(folder, name, bytes);
      const kept = await readAll(file, { onBadFile: "skip" });
      assert.deepEqual(textsOf(kept).slice(0, 2), ["first", "second"], name);
      assert.equal(kept.length, 3, name);
      const [told] = tell(kept.slice(2));
      assert.ok(told!.includes(trouble), told);
      assert.ok(told!.includes(`at byte ${start}`), told);
      await assert.rejects(
        readAll(file),
        (error: unknown) => error instanceof InputError && error.message.startsWith(file.path),
      );
    }
    const none = await putFile(folder, "f.warc", "hello");
    await assert.rejects(readAll(none), { name: "InputError", message: /holds no whole WARC record/ });
  }));

await test("a record longer than is held is passed by, whatever it is", () =>
  withTempDir(async (folder) => {
    const long = "x".repeat(maxBlockBytes + 1);
    const records = [
      conversion(long),
      response(["HTTP/1.1 200 OK", "Content-Type: video/mp4"], long),
      response(html, long),
      response([...html, "Content-Encoding: gzip"], gzipSync(long)),
      conversion("last"),
    ];
    const told = tell(await readAll(await putFile(folder, "a.warc.gz", members(records))));
    assert.match(told[0]!, /^too-long: 16777217 bytes, more than the 16777216 /);
    assert.match(told[1]!, /^not-a-document: response of video\/mp4, /);
    assert.match(told[2]!, /^too-long: 167772\d\d bytes/);
    assert.match(
      told[3]!,
      /^unreadable-record: broken gzip encoding \(Cannot create a Buffer larger than 16777216/,
    );
    assert.deepEqual(told.slice(4), ["last"]);
  }));

const web = resolve("../shared/data/web");

await test(
  "archives that wget, warcprox and warcio wrote",
  { skip: !existsSync(web) && `no ${web}` },
  async () => {
    // Counted in Python: parts of re.split(rb"(?m)^WARC/1\.0\r\n", data); those of type conversion, or whose
    // HTTP header has status 200 and Content-Type text/html.
    for (const [name, records, documents] of [
      ["warciojs-example.warc.gz", 6, 1],
      ["iana-chunked.warc", 3, 1],
      ["IAH-urls-wget.warc", 36, 2],
      ["synthetic.wet.gz", 3000, 3000],
    ] as const) {
      const read = await readAll(await inputFile(join(web, name)));
      assert.equal(read.length, records, name);
      const kept = read.filter((record) => "text" in record);
      assert.equal(kept.length, documents, name);
      for (const document of kept) {
        assert.match(document.url ?? "", /^https?:\/\//);
        assert.match(document.sourceId ?? "", /^<urn:uuid:[\dA-Fa-f-]{36}>$/);
        assert.ok(document.text.length > 10);
      }
    }
  },
);
