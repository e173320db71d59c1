import assert from "node:assert/strict";
import { test } from "node:test";
import { isReadable, parseMail } from "../../../stages/quickstart/mail.ts";

const mail = (...lines: string[]) => parseMail(Buffer.from(lines.join("\n"), "latin1"));

const readable = (body: string) => isReadable({ subject: "", kind: "plain", body });

await test("a plain mail: headers go, the subject is unfolded", () => {
  const found = mail(
    "From list-admin@example.org  Tue Aug  6 11:51:02 2002",
    "Return-Path: <list-admin@example.org>",
    "Subject: [list] Re:",
    "\tnew release",
    "X-Note: Subject: not this",
    "",
    "Hello,",
    "",
    "Subject: nor this",
  );
  assert.deepEqual(found, {
    subject: "[list] Re: new release",
    kind: "plain",
    body: "Hello,\n\nSubject: nor this",
  });
});

await test("transfer encodings and charsets are decoded, in bodies and subjects", () => {
  const type = "Content-Type: text/plain; charset=iso-8859-1";
  const quoted = mail(type, "Content-Transfer-Encoding: quoted-printable", "", "caf=E9 =3D soft=", "break");
  assert.equal(quoted?.body, "café = softbreak");
  const base64 = mail(
    'Content-Type: text/plain; charset="UTF-8"',
    "Content-Transfer-Encoding: BASE64",
    "",
    Buffer.from("naïve\r\ntext").toString("base64"),
  );
  assert.equal(base64?.body, "naïve\ntext");
  assert.equal(mail("X: y", "", "caf\xe9 \x93quoted\x94")?.body, "café “quoted”", "no charset: windows-1252");
  assert.equal(mail("Content-Type: text/plain; charset=nonsense", "", "x")?.body, "x");
  assert.equal(
    mail("Subject: =?ISO-8859-1?Q?caf=E9_du?= =?utf-8?B?IG1vbmRl?=", "", "x")?.subject,
    "café du monde",
  );
});

const multipart = (...parts: string[][]) => [
  'Content-Type: multipart/mixed; boundary="=_b"',
  "",
  "This is a multi-part message.",
  ...parts.flatMap((part) => ["--=_b", ...part]),
  "--=_b--",
  "epilogue",
];

await test("of a mail in parts the plain text is taken, else the HTML; attachments are dropped", () => {
  const plain = ["Content-Type: text/plain", "", "the plain part"];
  const html = ["Content-Type: text/html", "", "<p>the html part</p>"];
  const attachment = [
    "Content-Type: text/plain",
    "Content-Disposition: attachment; filename=a.txt",
    "",
    "attached",
  ];
  const image = ["Content-Type: image/gif", "Content-Transfer-Encoding: base64", "", "R0lGODlh"];
  assert.deepEqual(mail(...multipart(html, image, plain)), {
    subject: "",
    kind: "plain",
    body: "the plain part",
  });
  assert.deepEqual(mail(...multipart(attachment, html)), {
    subject: "",
    kind: "html",
    body: "<p>the html part</p>",
  });
  assert.equal(mail(...multipart(image, attachment)), undefined);
  const nested = [
    "Content-Type: multipart/alternative; boundary=in",
    "",
    "--in",
    ...html,
    "--in",
    ...plain,
    "--in--",
  ];
  assert.equal(mail(...multipart(nested))?.body, "the plain part");
});

await test("HTML that calls itself plain is HTML; uuencoded files are cut out", () => {
  assert.equal(mail("Subject: x", "", "<HTML><body>Buy</body></HTML>")?.kind, "html");
  assert.equal(
    mail("Subject: x", "", "before", "begin 644 a.bin", "M1234", "`", "end", "after")?.body,
    "before\n\nafter",
  );
  assert.equal(mail("Subject: nothing", "", "  "), undefined);
});

await test("other alphabets and stray base64 are not readable", () => {
  assert.equal(readable("An offer for your café: “50 %” off"), true);
  assert.equal(readable("<b>好朋友啊</b> many people"), false);
  assert.equal(readable(`text\n${"QUJD".repeat(19)}\n${"QUJD".repeat(19)}\n`), false);
  assert.equal(readable("\u001B$B$7$8\u001B(B and \u001B$B$_\u001B(B"), false);
});
