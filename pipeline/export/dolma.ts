/**
 * allenai/dolma has no ratios: its mixer keeps the documents a filter lets pass, and reshard repeats tokenised files. A
 * domain of 2.4 epochs becomes two streams of the mixer: `whole`, which reshard takes twice, and `part`, the documents
 * whose uniform number is below 0.4, taken once. (reshard itself can take 0.4 only of the number of files.)
 */
import type { z } from "zod";
import { ConfigError, InputError } from "../core/errors.ts";
import { domainPath, tokensOf } from "./domain-path.ts";
import { Mixer, Reshard } from "./dolma-config.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter, ExportOptions } from "./exporter.ts";
import { mixtureNotes } from "./notes.ts";
import { type KeptDomain, sharesOf } from "./shares.ts";
import { fixed, writeYaml } from "./write-yaml.ts";

/** A stream of the mixer, and how often reshard takes it. */
interface Stream {
  readonly id: string;
  readonly kind: "whole" | "part";
  /** Documents whose uniform number is below this are kept. */
  readonly below: string;
  readonly repeats: number;
}

export const dolma: Exporter = {
  name: "dolma",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, dolma, options);
    const root = options.dataRoot.replace(/\/+$/, "");
    if (`${root}/`.includes("/documents/")) {
      throw new ConfigError(
        `export.dataRoot=${root} has a folder called documents, which dolma would replace by attributes as well`,
        "choose another path",
      );
    }
    const streams = shares.kept.flatMap((kept) => streamsOf(kept, manifest.budget.targetTokens, options));
    const notes = mixtureNotes(manifest, shares, [
      "1. dolma -c mixer.yaml mix   2. dolma tokens, from each output folder of it to the prefix of the same name in reshard.yaml",
      "3. python -m dolma.tokenizer.reshard reshard.yaml",
      "Beside <domain>/documents/x.jsonl.gz lies <domain>/attributes/climb/x.jsonl.gz: the same rows in the same order, with",
      '{"id": ..., "attributes": {"climb__sample__u": [[0, characters, u]]}}, u uniform in [0, 1) and a function of the id.',
    ]);
    const mixer = {
      streams: streams.map(({ id, kind, below }) => ({
        name: `${id}-${kind}`,
        documents: [`${domainPath(options.dataRoot, id)}/documents/*.jsonl.gz`],
        attributes: ["climb"],
        filter: {
          include: [`$.attributes[?(@.climb__sample__u[0][2] < ${below})]`],
          syntax: "jsonpath",
        },
        output: { path: `${root}/mixed/${id}/${kind}`, max_size_in_bytes: 1_000_000_000 },
      })),
      processes: 1,
    };
    const reshard = {
      destination_prefix: `${root}/mixture`,
      max_size_bytes: 1_000_000_000,
      source_prefixes: streams.map(({ id, kind, repeats }) => ({
        prefix: `${root}/tokens/${id}/${kind}`,
        sample_rate: fixed(`${repeats}.0`),
      })),
    };
    return [
      { path: "mixer.yaml", text: writeYaml(mixer, notes) },
      { path: "reshard.yaml", text: writeYaml(reshard, notes) },
    ];
  },

  read(files, manifest, { decimals }) {
    const kept = keptShares(readYaml(files, "mixer.yaml", Mixer));
    const repeats = new Map(
      readYaml(files, "reshard.yaml", Reshard).source_prefixes.map((source) => [
        lastTwo(source.prefix),
        source.sample_rate,
      ]),
    );
    const epochs = new Map<string, number>();
    for (const [stream, share] of kept) {
      const times = repeats.get(stream);
      if (times === undefined) throw new InputError(`reshard.yaml does not take ${stream} of mixer.yaml`);
      repeats.delete(stream);
      const [domain] = stream.split("/");
      epochs.set(domain!, (epochs.get(domain!) ?? 0) + share * times);
    }
    const [extra] = repeats.keys();
    if (extra !== undefined) throw new InputError(`mixer.yaml does not make ${extra} of reshard.yaml`);
    return Array.from(epochs, ([domain, count]) => ({
      domain,
      share: Number(((count * tokensOf(manifest, domain)) / manifest.budget.targetTokens).toFixed(decimals)),
    }));
  },
};

function streamsOf(
  { domain, share }: KeptDomain,
  targetTokens: number,
  { decimals }: ExportOptions,
): Stream[] {
  const epochs = (share * targetTokens) / domain.tokens;
  const repeats = Math.floor(epochs);
  // A domain may hold many times the target's tokens, so its epochs need more decimals than its share.
  const below = (epochs - repeats).toFixed(Math.min(15, decimals + 6));
  const whole: Stream = { id: domain.id, kind: "whole", below: "1.0", repeats };
  const part: Stream = { id: domain.id, kind: "part", below, repeats: 1 };
  return [...(repeats > 0 ? [whole] : []), ...(Number(below) > 0 ? [part] : [])];
}

/** `<id>/<kind>` to the share of the documents that its filter keeps. */
function keptShares({ streams }: z.output<typeof Mixer>): Map<string, number> {
  const shares = new Map<string, number>();
  for (const { name, documents, filter, output } of streams) {
    const stream = lastTwo(output.path);
    const [document] = documents;
    if (!document!.includes(`/${stream.split("/")[0]}/documents/`)) {
      throw new InputError(`mixer.yaml: ${name} reads ${document}`);
    }
    if (shares.has(stream)) throw new InputError(`mixer.yaml: two streams write ${output.path}`);
    shares.set(stream, Number(/< (\S+)\)\]$/.exec(filter.include[0])?.[1]));
  }
  return shares;
}

/** `<id>/<kind>` of a path. */
function lastTwo(path: string): string {
  return path.split("/").slice(-2).join("/");
}
