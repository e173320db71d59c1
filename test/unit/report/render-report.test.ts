import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { parseHTML } from "linkedom";
import { renderReport } from "../../../pipeline/report/render-report.ts";
import { type FixtureOptions, makeReportInput } from "../../support/search-fixture.ts";

const sections = ["result", "domains", "search", "predictor", "pruning", "corpus", "lineage"];

const variants: Record<string, FixtureOptions> = {
  "a gain": {},
  "no gain beyond noise, 21 domains": { claim: "no gain beyond noise", domains: 21 },
  "a loss, 2 domains, one round, nothing pruned": { claim: "loss", domains: 2, prune: false, rounds: [12] },
  "a domain left out": { domains: 3, foundWeights: [0.5, 0, 0.5] },
  "more domains than the chart shows": { domains: 60, rounds: [8, 4] },
};

for (const [name, options] of Object.entries(variants)) {
  await test(`${name}: well formed, every section and every domain there`, () => {
    const input = makeReportInput(options);
    const text = renderReport(input);
    assertBalanced(text);
    const { document } = parseHTML(text);
    assert.deepEqual(
      [...document.querySelectorAll("section")].map(({ id }: { id: string }) => id),
      sections,
    );
    const page = document.querySelector("#domains tbody")!.textContent!;
    for (const domain of input.manifest.domains) assert.ok(page.includes(domain.name));
    assert.equal(document.querySelectorAll("#result tbody tr").length >= 7, true);
    assert.doesNotMatch(text, /NaN|Infinity|undefined|\[object/);
  });
}

await test("domains' own text: loss under natural and found, and whose weight goes with whose loss", () => {
  const input = makeReportInput({ domains: 3 });
  const { document } = parseHTML(renderReport(input));
  const part = [...document.querySelectorAll("#search details")].find(({ textContent }) =>
    String(textContent).includes("no model trained on"),
  )!;
  const [losses, influence] = [...part.querySelectorAll("table")];
  assert.equal(losses!.querySelectorAll("tbody tr").length, 3);
  // In the made-up search each domain's weight lowers its own loss most.
  [...influence!.querySelectorAll("tbody tr")].forEach((row, i) => {
    const numbers = [...row.querySelectorAll("td")]
      .slice(1)
      .map(({ textContent }) => Number(String(textContent).trim().replace("\u2212", "-")));
    assert.equal(numbers.length, 3);
    assert.equal(Math.min(...numbers), numbers[i], numbers.join(" "));
  });
});

await test("an error rate is never called bits per byte", () => {
  const { manifest, search, ...rest } = makeReportInput({ domains: 3 });
  const objective = manifest.search.objective.map((target) => ({ ...target, measure: "accuracy" as const }));
  const unit = "error rate" as const;
  const text = renderReport({
    ...rest,
    manifest: { ...manifest, search: { ...manifest.search, objective, unit } },
    search: { ...search, unit },
  });
  const { document } = parseHTML(text);
  for (const part of ["header", "#result", "#search figure", "#predictor", "#lineage"]) {
    const found = document.querySelector(part)?.outerHTML ?? "";
    assert.match(found, /error rate/i, part);
    assert.doesNotMatch(found, /bits? per byte|fewer bits|more bits/i, part);
  }
  assert.match(text, /answers fewer questions wrongly/);
  assert.match(document.querySelector("footer")!.textContent, /Error rate: the share of questions/);
});

/** The cells of the table of proxies, row by row. */
function tierRows(text: string): string[][] {
  const { document } = parseHTML(text);
  const heading = [...document.querySelectorAll("#search h3")].find(({ textContent }) =>
    String(textContent).includes("Proxies of several costs"),
  );
  const rows = heading === undefined ? [] : [...heading.nextElementSibling.querySelectorAll("tbody tr")];
  return rows.map((row) =>
    [...row.querySelectorAll("td")].map(({ textContent }) => String(textContent).trim()),
  );
}

await test("proxies of several costs: trials of each, and their share of the cost by hand", () => {
  const input = makeReportInput({ domains: 3, rounds: [8, 4] });
  // 12 trials at 1 and 24 at 0.125: 12 and 3 of 15.
  assert.deepEqual(tierRows(renderReport(input)), [
    ["the search’s own", "1.000", "12", "8 + 4", "80.0 %", "–"],
    ["ngram/3 on 600 k tokens", "0.125", "24", "16 + 8", "20.0 %", "0.87"],
  ]);
  assert.deepEqual(tierRows(renderReport({ ...input, search: { ...input.search, cheaper: [] } })), []);
});

await test("a round that bought no trial of the search's own shows that, not a number", () => {
  const input = makeReportInput({ domains: 3, rounds: [8, 4] });
  const rounds = input.search.rounds.map((round, i) =>
    i === 1 ? { ...round, trials: [], predictedObjective: [] } : round,
  );
  const { document } = parseHTML(renderReport({ ...input, search: { ...input.search, rounds } }));
  const row = [...document.querySelectorAll("#search tbody tr")][1];
  const cells = [...row.querySelectorAll("td")].map(({ textContent }) => String(textContent).trim());
  assert.deepEqual(cells.slice(0, 5), ["2", "0", "–", "–", "–"]);
});

await test("tasks: how scores go with the loss, and nothing of it where no task was scored", () => {
  const input = makeReportInput({ domains: 3 });
  const { document } = parseHTML(renderReport(input));
  const row = [...document.querySelectorAll("#search details tbody tr")].find(({ textContent }) =>
    String(textContent).includes("made_up_task"),
  )!;
  assert.match(row.textContent, /\u22121\.00/);
  const search = { ...input.search, taskCorrelations: [] };
  assert.doesNotMatch(renderReport({ ...input, search }), /Does a lower loss mean better answers/);
});

await test("the head says what the verdict says", () => {
  assert.match(head({}), /beats the natural one/);
  assert.match(head({}), /\u22120\.0312/);
  assert.match(head({ claim: "no gain beyond noise" }), /No gain beyond noise/);
  assert.match(head({ claim: "loss" }), /worse than the natural one[\s\S]*Do not use it/);
});

await test("the same input gives the same bytes, in this process and in another", () => {
  const text = renderReport(makeReportInput());
  assert.equal(renderReport(makeReportInput()), text);
  const program = `
    const { makeReportInput } = await import(${JSON.stringify(new URL("../../support/search-fixture.js", import.meta.url).href)});
    const { renderReport } = await import(${JSON.stringify(new URL("../../../pipeline/report/render-report.js", import.meta.url).href)});
    const { createHash } = await import("node:crypto");
    process.stdout.write(createHash("sha256").update(renderReport(makeReportInput())).digest("hex"));
  `;
  const other = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  assert.equal(other.stdout, createHash("sha256").update(text).digest("hex"), other.stderr);
});

await test("text from documents, names and reasons cannot leave its place", () => {
  const hostile = `</title></style></svg><script>alert(1)</script><img src=x onerror="a('b')">&amp;\u0000\ud800`;
  const input = structuredClone(makeReportInput({ domains: 3 }));
  for (const domain of input.domains.domains) {
    domain.name = hostile;
    domain.keywords = [hostile];
    domain.representatives = [{ id: hostile, source: hostile, excerpt: hostile }];
    domain.sources = { [hostile]: 1 };
    domain.scores = { [hostile]: 1 };
  }
  for (const domain of input.manifest.domains) domain.name = hostile;
  for (const rule of input.domains.rules) rule.score = hostile;
  for (const cluster of input.domains.clusters) {
    if (cluster.droppedBy !== null) cluster.droppedBy = hostile;
    cluster.scores = { [hostile]: 1 + (cluster.cluster % 5) };
  }
  Object.assign(input.manifest, { name: hostile });
  Object.assign(input.manifest.lineage, { embedder: hostile });
  const text = renderReport({
    ...input,
    corpus: { ...input.corpus, skipped: { [hostile]: 1 }, bySource: { [hostile]: input.corpus } },
    targets: input.targets.map((target) => ({ ...target, name: hostile })),
  });
  assertBalanced(text);
  const { document } = parseHTML(text);
  assert.equal(document.querySelectorAll("script, img, [onerror]").length, 0);
  assert.doesNotMatch(text, /<script|<img|\p{Cs}|\p{Cc}(?<![\n\t])/u);
  assert.equal(document.querySelectorAll("section").length, sections.length);
});

await test("nothing is fetched: no script, no link, no source, no foreign address", () => {
  const text = renderReport(makeReportInput());
  assert.doesNotMatch(text, /<script|<link|<iframe|\ssrc=|@import|url\(/);
  for (const [, address] of text.matchAll(/href="([^"]*)"/g)) assert.match(address!, /^#/);
});

function head(options: FixtureOptions): string {
  return parseHTML(renderReport(makeReportInput(options))).document.querySelector("header")!.textContent!;
}

/** Every tag closed in order and every attribute quoted: what a strict parser would ask for. */
function assertBalanced(text: string): void {
  const open: string[] = [];
  const body = text.replace(/<style>[\s\S]*?<\/style>/, "").replace("<!doctype html>", "");
  for (const [tag, close, name, attributes, selfClosed] of body.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    if (close === "/") assert.equal(open.pop(), name, tag);
    else if (selfClosed === "" && name !== "meta") open.push(name!);
    assert.ok(attributes !== undefined);
  }
  assert.deepEqual(open, []);
  const rest = body.replaceAll(/<\/?[a-zA-Z][\w-]*(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, "");
  assert.doesNotMatch(rest, /[<]/);
}
