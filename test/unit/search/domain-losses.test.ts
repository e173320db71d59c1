import assert from "node:assert/strict";
import test from "node:test";
import type { ProxyTarget } from "../../../pipeline/proxy/proxy.ts";
import { domainLosses, scaledByDomain } from "../../../pipeline/search/domain-losses.ts";

const target = (documentBytes: number[], domain?: string): ProxyTarget => ({
  name: domain ?? "target",
  ...(domain !== undefined && { domain }),
  tokens: new Uint16Array(),
  documentEnds: new Uint32Array(documentBytes.length),
  documentBytes: Uint32Array.from(documentBytes),
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

await test("by hand: domains count alike, whatever their bytes", () => {
  const targets = [target([100]), target([10, 30], "a"), target([5], "b")];
  const nats = [[1], [20 * Math.LN2, 60 * Math.LN2], [20 * Math.LN2]];
  assert.deepEqual(domainLosses(targets, nats), [
    { domain: "a", bitsPerByte: 2 },
    { domain: "b", bitsPerByte: 4 },
  ]);
  const scaledNats = scaledByDomain(targets, (t) => nats[t]!);
  const scaledBytes = scaledByDomain(targets, (t) => targets[t]!.documentBytes);
  assert.deepEqual(scaledBytes, [0.25, 0.75, 1]);
  assert.ok(Math.abs(sum(scaledNats) / Math.LN2 / sum(scaledBytes) - 3) < 1e-12);
});
