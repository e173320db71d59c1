/** From a web server to a mixture: GNU Wget crawls a site into a WARC, which a run reads with no configuration. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Manifest } from "../../pipeline/schema/manifest.ts";
import { parseMail } from "../../stages/quickstart/mail.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import type { Inspection } from "../../stages/commands/inspect.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareTinyRun, runClimb } from "../support/tiny-run.ts";

const config = `
seed: 7
corpus:
  sources: [{ name: crawl, files: crawl.warc.gz }]
  shardBytes: 5000000
targets:
  - { name: news, files: target.jsonl }
benchmarks:
  - { name: exam, files: exam.jsonl }
embed: { model: word-vectors, shardDocuments: 2000 }
cluster: { clusters: 8, maxIterations: 8 }
domains: { merge: { domains: 3 } }
budget: { targetTokens: 30000 }
search: { rounds: [6], pool: 100, average: 4, confirmSeeds: 2, resamples: 50, shardTrials: 20 }
`;

const shell = (title: string, body: string) =>
  `<!doctype html><html><head><title>${title}</title><script>var x = "not text";</script></head><body>
<nav><a href="/">Home</a> <a href="/about">Imprint and cookies</a></nav><article><h1>${title}</h1>${body}</article>
<footer>All rights reserved</footer></body></html>`;

/** Pages as they were written: HTML mail, often broken, and speeches in the frame of a usual site. */
async function readPages(): Promise<Map<string, Buffer>> {
  const pages = new Map<string, Buffer>();
  const mails = join(packageRoot, "node_modules", "@stdlib", "datasets-spam-assassin", "data", "spam-2");
  const mailFiles = (await readdir(mails)).filter((name) => name.endsWith(".txt")).sort();
  for (const name of mailFiles) {
    if (pages.size === 40) break;
    const mail = parseMail(await readFile(join(mails, name)));
    if (mail?.kind === "html" && mail.body.length > 500)
      pages.set(`/mail/${name}.html`, Buffer.from(mail.body, "latin1"));
  }
  const speeches = join(packageRoot, "node_modules", "@stdlib", "datasets-sotu", "data");
  for (const name of (await readdir(speeches)).filter((name) => name.endsWith(".txt")).sort()) {
    if (pages.size === 100) break;
    const paragraphs = (await readFile(join(speeches, name), "utf8")).split(/\n\s*\n/).slice(0, 12);
    const body = paragraphs.map((text) => `<p>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</p>`);
    pages.set(`/speech/${name}.html`, Buffer.from(shell(name, body.join("\n"))));
  }
  return pages;
}

function siteOf(pages: ReadonlyMap<string, Buffer>): RequestListener {
  const links = [...pages.keys(), "/moved", "/gone", "/pixel.png"].map(
    (path) => `<li><a href="${path}">${path}</a></li>`,
  );
  return ({ url = "" }, response) => {
    const page = pages.get(url);
    if (url === "/")
      response.writeHead(200, { "content-type": "text/html" }).end(`<ul>${links.join("")}</ul>`);
    else if (url === "/moved") response.writeHead(302, { location: "/" }).end();
    else if (url === "/pixel.png")
      response.writeHead(200, { "content-type": "image/png" }).end(Buffer.alloc(99));
    else if (page === undefined)
      response.writeHead(404, { "content-type": "text/html" }).end("<p>no such page</p>");
    else {
      const charset = url.startsWith("/mail/") ? "iso-8859-1" : "utf-8";
      // In pieces and without a length, so that it is sent with chunked encoding.
      response.writeHead(200, { "content-type": `text/html; charset=${charset}` });
      response.write(page.subarray(0, 1000));
      response.end(page.subarray(1000));
    }
  };
}

async function crawl(dir: string, listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const wget = spawn(
      "wget",
      ["--recursive", "--no-verbose", "--delete-after", "--warc-file=crawl", `http://127.0.0.1:${port}/`],
      { cwd: dir, stdio: "ignore", env: { ...process.env, no_proxy: "127.0.0.1", http_proxy: "" } },
    );
    const [code] = (await once(wget, "close")) as [number];
    assert.equal(code, 8, "8 says that a page was not there, as one is not");
  } finally {
    server.close();
  }
}

const missing = spawnSync("wget", ["--version"]).status !== 0 && "wget is not installed";

await test("a site crawled by wget --warc-file goes through climb run to a manifest", { skip: missing }, () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    await writeFile(join(dir, "crawl.yaml"), config);
    const pages = await readPages();
    assert.equal(pages.size, 100);
    // A question that quotes a speech, of which the page holds far more.
    const path = [...pages.keys()].find((name) => name.startsWith("/speech/"));
    const quote = /<p>([^<]{300,})<\/p>/.exec(pages.get(path!)!.toString())![1]!;
    await writeFile(join(dir, "exam.jsonl"), `${JSON.stringify({ text: quote.replaceAll("&amp;", "&") })}\n`);
    await crawl(dir, siteOf(pages));
    assert.ok((await stat(join(dir, "crawl.warc.gz"))).size > 200_000);

    const inspected = await runClimb(dir, "inspect", "crawl.warc.gz", "--json");
    const corpus = JSON.parse(inspected.stdout) as Inspection;
    assert.ok(corpus.kind === "corpus");
    assert.equal(corpus.format, "warc");
    // All pages, and the list of them.
    assert.ok(corpus.documents >= 95 && corpus.documents <= 101, `${corpus.documents} documents`);
    assert.deepEqual(
      Object.keys(corpus.skipped).filter((reason) => !/^(not-a-document|empty-text)$/.test(reason)),
      [],
    );

    const run = await runClimb(dir, "run", "crawl.yaml", "--json");
    assert.equal(run.code, 0, run.stderr);
    const mixture = Manifest.parse(
      JSON.parse(await readFile(join(dir, "data", "runs", "crawl", "mixture.json"), "utf8")),
    );
    assert.ok(mixture.domains.length >= 2);
    assert.ok(mixture.domains.reduce((sum, { documents }) => sum + documents, 0) > 60);

    const holdout = join(dir, "data", "artifacts", mixture.lineage.artifacts["holdout"]!, "removed.jsonl");
    assert.match(await readFile(holdout, "utf8"), /"by":"ngrams"/);

    const ingest = mixture.lineage.artifacts["corpus"]!;
    const { openDuckdb, sqlText } = await import("../../pipeline/core/duckdb.ts");
    const { connection, close } = await openDuckdb();
    const documents = sqlText(join(dir, "data", "artifacts", ingest, "documents-*.parquet"));
    const rows = await connection.runAndReadAll(
      `SELECT url, text FROM ${documents} WHERE url LIKE '%/speech/%'`,
    );
    close();
    assert.ok(rows.currentRowCount > 50);
    for (const [url, text] of rows.getRows() as [string, string][]) {
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/speech\//);
      assert.ok(!/not text|Imprint|All rights reserved|<p>/.test(text), "the frame of the page is no text");
    }
  }),
);
