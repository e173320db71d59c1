import assert from "node:assert/strict";
import { test } from "node:test";
import { html } from "../../../pipeline/report/html.ts";

await test("text is escaped, templates are not escaped twice, lists are joined", () => {
  const hostile = `<script>alert("1" & '2')</script>`;
  assert.equal(
    html`<p title="${hostile}">${[html`<b>${1}</b>`, "<i>"]}</p>`.text,
    '<p title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"><b>1</b>&lt;i&gt;</p>',
  );
});

await test("null, undefined and false leave nothing; zero stays", () => {
  assert.equal(html`${null}${undefined}${false}${0}`.text, "0");
});

await test("control characters and lone surrogates become U+FFFD, whole pairs stay", () => {
  assert.equal(html`${"a\u0000b\u001Bc\ud800d\n😀"}`.text, "a\uFFFDb\uFFFDc\uFFFDd\n😀");
});
