import { InputError } from "../../pipeline/core/errors.ts";
import type { scoreCoverage } from "../../pipeline/corpus/score-coverage.ts";
import type { SourceConfig } from "../../pipeline/schema/corpus-config.ts";
import type { IngestResult } from "../ingest.ts";
import type { SkipLog } from "./skip-log.ts";

/**
 * A source that gave nothing, or none of a score it was asked for, was described wrongly.
 *
 * @throws InputError naming the source and what was left out of it
 */
export function checkSources(
  sources: readonly SourceConfig[],
  { bySource }: Pick<IngestResult, "bySource">,
  log: SkipLog,
  coverage: Awaited<ReturnType<typeof scoreCoverage>>,
): void {
  for (const { name } of sources) {
    if (bySource[name]!.documents > 0 || log.isExcused(name)) continue;
    throw new InputError(
      `source ${name} gave no document: ${log.describe(name)}`,
      "check the source's fields.text and format, and corpus.minCharacters",
    );
  }
  for (const { name, scores } of sources) {
    if (scores === "auto") continue;
    const missing = scores.find((score) => coverage.get(name)?.get(score) === 0);
    if (missing === undefined) continue;
    throw new InputError(
      `source ${name}: no document has a number under '${missing}'`,
      "correct or remove it in the source's scores; numbers in quotation marks are text",
    );
  }
}
