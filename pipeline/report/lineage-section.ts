import { compact, count, plural } from "./format.ts";
import { type Html, html, type HtmlValue } from "./html.ts";
import { section, table } from "./layout.ts";
import { unitOf } from "../schema/measure.ts";
import type { ReportInput } from "./report-input.ts";

/** Input files beyond this are counted; mixture.json lists them all. */
const listedFiles = 100;

/** What the result was made from, so that it can be made again. */
export function lineageSection({ manifest }: ReportInput): Html {
  const { lineage, tokenizer, budget, search } = manifest;
  const { git, inputs } = lineage;
  const commit =
    git === null
      ? "outside a checkout"
      : html`<code>${git.commit}</code>${git.modified && " with local changes"}`;
  const facts: [string, HtmlValue][] = [
    ["Tool", html`climb ${lineage.toolVersion}, ${commit}`],
    ["Seed", String(lineage.seed)],
    ["Config", html`<code>${lineage.configSha256}</code>`],
    ["Embedder", html`<code>${lineage.embedder}</code>`],
    ["Tokenizer", `${tokenizer.name}, ${count(tokenizer.vocabularySize)} tokens`],
    ["Proxy", html`<code>${search.proxy}</code>, on ${compact(budget.proxyTokens)} tokens`],
    ["Method", `${search.method}, predictor ${search.predictor.predictor}`],
    [
      "Objective",
      search.objective
        .map(({ target, weight, measure }) => `${target} (${unitOf(measure)}, weight ${weight})`)
        .join(", ") + (search.objectiveOf === "worst" ? ", the one that gains least against natural" : ""),
    ],
    ...Object.entries(lineage.artifacts).map(([stage, name]): [string, HtmlValue] => [
      stage,
      html`<code>${name}</code>`,
    ]),
  ];
  const listed = inputs.slice(0, listedFiles);
  return section(
    "lineage",
    "Where this comes from",
    "The same inputs, config and seed give the same bytes, this page included.",
    html`<dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div> `,
        )}
      </dl>
      <details>
        <summary>${plural(inputs.length, "input file")}</summary>
        ${table(
          [
            { title: "Role" },
            { title: "Source" },
            { title: "File" },
            { title: "Bytes", numeric: true },
            { title: "sha256" },
          ],
          listed.map(({ role, source, file, bytes, sha256 }) => [
            role,
            source,
            file,
            count(bytes),
            html`<code>${sha256.slice(0, 16)}…</code>`,
          ]),
        )}${
          inputs.length > listed.length &&
          html`<p class="note">
            and ${plural(inputs.length - listed.length, "further file")}; mixture.json lists them all.
          </p>`
        }
      </details> `,
  );
}
