import { hashJson } from "../../core/hash.ts";
import type { ExternalProxyConfig } from "../../schema/proxy-config.ts";

/** Everything besides the input that decides the numbers. Time-outs and retries do not. */
export function externalIdentity({
  command,
  settings,
  contextTokens,
  batchSequences,
  startFrom,
  harnessResults,
  version,
}: ExternalProxyConfig): string {
  const decisive = { command, settings, contextTokens, batchSequences, startFrom, harnessResults, version };
  return `external/2 ${hashJson(decisive)}`;
}
