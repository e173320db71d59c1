/** One HTML page, complete in itself: no script, no font, no picture from elsewhere. */
import { corpusSection } from "./corpus-section.ts";
import { domainSection } from "./domain-section.ts";
import { Html, html } from "./html.ts";
import { lineageSection } from "./lineage-section.ts";
import { predictorSection } from "./predictor-section.ts";
import { pruningSection } from "./pruning-section.ts";
import { reclusterSection } from "./recluster-section.ts";
import type { ReportInput } from "./report-input.ts";
import { resultSection } from "./result-section.ts";
import { searchSection } from "./search-section.ts";
import { style } from "./style.ts";
import { verdictSection } from "./verdict-section.ts";

const links = [
  ["result", "Result"],
  ["domains", "Domains"],
  ["recluster", "Since the earlier run"],
  ["search", "Search"],
  ["predictor", "Predictor"],
  ["pruning", "Pruning"],
  ["corpus", "Corpus"],
  ["lineage", "Lineage"],
] as const;

/** The report's text. Equal inputs give equal bytes; every text that comes from documents is escaped. */
export function renderReport(input: ReportInput): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${input.manifest.name}: CLIMB mixture report</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>
          ${verdictSection(input)}
          <nav aria-label="Sections">
            ${links
              .filter(([id]) => id !== "recluster" || input.recluster !== undefined)
              .map(([id, name]) => html`<a href="#${id}">${name}</a>`)}
          </nav>
          ${resultSection(input)}${domainSection(input)}${input.recluster && reclusterSection(input.recluster)}${searchSection(input)}${predictorSection(input)}${pruningSection(input)}${corpusSection(input)}${lineageSection(input)}
        </main>
        <footer>
          Bits per byte: how many bits the proxy needs for one byte of text. Lower is better; equal to the
          loss in nats per token times tokens per byte, divided by ln 2, so it can be compared across
          tokenizers.${
            input.manifest.search.objective.some(({ measure }) => measure === "accuracy") &&
            " Error rate: the share of questions whose right answer is not the one of lowest loss per byte; 1 minus the accuracy."
          }
        </footer>
      </body>
    </html> `.text;
}
