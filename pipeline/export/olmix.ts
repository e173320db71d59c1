/**
 * allenai/olmix: the `data` and `mix` sections of a launch config. A leaf's weight is the product of the weights on
 * the way to it, in tokens; `repetition_factor` becomes OLMo-core's max_repetition_ratio, below which it stops with
 * "Insufficient tokens". olmix takes 1 for either if it is missing.
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { mixtureNotes } from "./notes.ts";
import { repetitionLimit, sharesOf } from "./shares.ts";
import { fixed, writeYaml } from "./write-yaml.ts";

/** The one source all domains are topics of. */
const source = "climb";

const asNumber = { error: "should be a number; olmix would take 1 for a missing one" };
const Leaf = z.strictObject({ weight: z.number(asNumber), repetition_factor: z.number(asNumber) });
const Launch = z.strictObject({
  data: z.strictObject({
    sources: z
      .array(
        z.strictObject({
          name: z.literal(source),
          topics: z.array(z.strictObject({ name: z.string(), paths: z.array(z.string()) })),
        }),
      )
      .length(1),
  }),
  mix: z.strictObject({ [source]: z.object({ weight: z.number(asNumber) }).catchall(Leaf) }),
});

export const olmix: Exporter = {
  name: "olmix",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, olmix, options);
    const topics: { name: string; paths: string[] }[] = [];
    const leaves: Record<string, unknown> = {};
    for (const kept of shares.kept) {
      const { id } = kept.domain;
      if (id === "weight" || id === "repetition_factor") {
        throw new InputError(`olmix takes the domain id ${id} for its field`, "rename the domain");
      }
      topics.push({ name: id, paths: [`${domainPath(options.dataRoot, id)}/*.npy`] });
      leaves[id] = {
        weight: fixed(kept.text),
        repetition_factor: fixed(repetitionLimit(kept, manifest)),
      };
    }
    const launch = {
      data: { sources: [{ name: source, topics }] },
      mix: { [source]: { weight: fixed("1.0"), ...leaves } },
    };
    const notes = mixtureNotes(manifest, shares, ["The sections data and mix of an olmix launch config."]);
    return [{ path: "mix.yaml", text: writeYaml(launch, notes) }];
  },

  read(files) {
    const { data, mix } = readYaml(files, "mix.yaml", Launch);
    const { weight: total, ...leaves } = mix[source];
    const topics = data.sources[0]!.topics.map(({ name }) => name);
    if (topics.join("\n") !== Object.keys(leaves).join("\n")) {
      throw new InputError("mix.yaml: data and mix name different topics");
    }
    return Object.entries(leaves).map(([domain, { weight, repetition_factor: maxEpochs }]) => ({
      domain,
      share: total * weight,
      maxEpochs,
    }));
  },
};
