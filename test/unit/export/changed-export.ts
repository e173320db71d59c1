/** A target's files after somebody edited them, as `climb export --check` sees them. */
import assert from "node:assert/strict";
import { checkExport } from "../../../pipeline/export/check-export.ts";
import type { Exporter } from "../../../pipeline/export/exporter.ts";
import { makeFixture } from "../../support/search-fixture.ts";

export const options = {
  dataRoot: "/data/domains",
  decimals: 6,
  sequenceTokens: 2048,
  batchTokens: null,
  minWeight: 0,
};

/** Domain 0 takes 0.4 of the run and is repeated most; see the fixture. */
export const { manifest } = makeFixture({ domains: 3, foundWeights: [0.4, 0.35, 0.25] });

/** The text of one file, as it is written for `manifest`. */
export function exportedText(exporter: Exporter, path: string, of = manifest): string {
  const file = exporter.files(of, options).find((candidate) => candidate.path === path);
  assert.ok(file !== undefined, path);
  return file.text;
}

/** What the check says once `path` is changed below its leading comments. Fails if the change does nothing. */
export function problemsAfter(exporter: Exporter, path: string, change: (text: string) => string): string {
  const before = exportedText(exporter, path);
  const comments = /^(# .*\n)*/.exec(before)![0];
  const after = comments + change(before.slice(comments.length));
  assert.notEqual(after, before);
  const files = exporter
    .files(manifest, options)
    .map((file) => (file.path === path ? { path, text: after } : file));
  return checkExport(exporter, files, manifest, options).join("\n");
}
