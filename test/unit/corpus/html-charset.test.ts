import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeHtml } from "../../../pipeline/corpus/html-charset.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");

await test("the header's charset, the page's own, then what the bytes are", () => {
  const utf8 = Buffer.from("<p>café</p>");
  assert.equal(decodeHtml(utf8, "text/html"), "<p>café</p>");
  assert.equal(decodeHtml(utf8, "text/html; charset=no-such-charset"), "<p>café</p>");
  assert.equal(decodeHtml(latin1("caf\xe9 \x93x\x94"), "text/html"), "café “x”", "Windows-1252");
  assert.equal(decodeHtml(latin1("\xe9"), 'text/html; Charset="ISO-8859-1"'), "é");
  // Python: "привет".encode("koi8-r"), "日本".encode("shift_jis")
  assert.equal(decodeHtml(Buffer.from("d0d2c9d7c5d4", "hex"), "text/html; charset=koi8-r"), "привет");
  assert.equal(decodeHtml(Buffer.from("93fa967b", "hex"), "text/html;charset=Shift_JIS"), "日本");
  assert.equal(decodeHtml(latin1("a\xff"), "text/html; charset=utf-8"), "a\uFFFD");
});

await test("the meta element, in both its forms, where the header says nothing", () => {
  const body = Buffer.from("d0d2c9d7c5d4", "hex");
  for (const meta of [
    "<meta charset=koi8-r>",
    "<META http-equiv='Content-Type' content='text/html; charset=KOI8-R' />",
    '<!-- <meta charset="utf-8"> --><meta name="a" content="b"><meta charset="koi8-r">',
  ]) {
    const page = Buffer.concat([latin1(meta), body]);
    assert.equal(decodeHtml(page, "text/html"), `${meta}привет`);
    assert.notEqual(
      decodeHtml(page, "text/html; charset=windows-1251"),
      `${meta}привет`,
      "the header is first",
    );
  }
  const page = Buffer.from('<meta charset="utf-16"><p>é</p>');
  assert.equal(decodeHtml(page, "text/html"), page.toString());
});

await test("a byte-order mark is above both, and not part of the text", () => {
  const little = Buffer.from("\uFEFFé", "utf16le");
  assert.equal(decodeHtml(little, "text/html; charset=utf-8"), "é");
  assert.equal(decodeHtml(Buffer.from(little).swap16(), "text/html"), "é");
  assert.equal(decodeHtml(Buffer.from("\uFEFFé"), "text/html; charset=iso-8859-1"), "é");
});
