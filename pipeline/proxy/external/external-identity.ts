import { hashJson } from "../../core/hash.ts";
import type { ExternalProxyConfig } from "../../schema/proxy-config.ts";

/** Everything besides the input that decides the numbers. Time-outs and retries do not. */
export function externalIdentity({
  command,
  settings,
  contextTokens,
  batchSequences,
  harnessResults,
  version,
}: ExternalProxyConfig): string {
  return `external/1 ${hashJson({ command, settings, contextTokens, batchSequences, harnessResults, version })}`;
}
