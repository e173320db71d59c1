/**
 * allenai/olmix: the `data` and `mix` sections of a launch config. A leaf's weight is the product of the weights on
 * the way to it, in tokens; `repetition_factor` becomes OLMo-core's max_repetition_ratio, below which it stops with
 * "Insufficient tokens", so it must not be smaller than the domain's epochs.
 */
import { Document, isMap, isScalar, parseDocument, type ScalarTag } from "yaml";
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../schema/manifest.ts";
import { checkByReading, fileText } from "./compare-shares.ts";
import type { Exporter, ExportFile, ReadShare } from "./exporter.ts";
import { domainPath, droppedNotes, oneLine, sharesOf } from "./shares.ts";

/** The one source all domains are topics of. */
const source = "climb";
const repetitionDecimals = 4;

export const olmix: Exporter = {
  name: "olmix",
  unit: "tokens",

  files(manifest, { dataRoot, decimals }) {
    const { kept, dropped } = sharesOf(manifest, "tokens", decimals);
    const document = new Document(
      {
        data: {
          sources: [
            {
              name: source,
              topics: kept.map(({ domain }) => ({
                name: domain.id,
                paths: [`${domainPath(dataRoot, domain.id)}/*.npy`],
              })),
            },
          ],
        },
        mix: {
          [source]: {
            weight: new Fixed("1.0"),
            ...Object.fromEntries(
              kept.map(({ domain, text }) => [
                domain.id,
                { weight: new Fixed(text), repetition_factor: new Fixed(repetitionFactor(domain.epochs)) },
              ]),
            ),
          },
        },
      },
      { customTags: (tags) => [fixedTag, ...tags] },
    );
    for (const { domain } of kept) {
      const entry = document.getIn(["mix", source, domain.id]);
      if (isMap(entry)) entry.commentBefore = ` ${oneLine(domain.name)}`;
    }
    document.commentBefore = [
      " The sections data and mix of an olmix launch config, made by climb.",
      ...droppedNotes(dropped).map((note) => ` ${note}`),
    ].join("\n");
    return [{ path: "mix.yaml", text: document.toString({ lineWidth: 0 }) }];
  },

  read(files) {
    return leaves(files).map(({ domain, share }) => ({ domain, share, unit: "tokens" }));
  },

  check(files, manifest, options) {
    const problems = checkByReading(olmix, files, manifest, options);
    return problems.length > 0 ? problems : tooFewRepetitions(files, manifest);
  },
};

/** A number already written out: the yaml package would print 0.0000001 as 1e-7, which PyYAML reads as text. */
class Fixed {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const fixedTag: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) => value instanceof Fixed,
  // Only for writing: no text matches.
  test: /^(?!)/,
  resolve: Number,
  stringify: ({ value }) => (value as Fixed).text,
};

/** At least 1 and at least the epochs, rounded up. */
function repetitionFactor(epochs: number): string {
  const steps = 10 ** repetitionDecimals;
  return (Math.ceil(Math.max(1, epochs) * steps) / steps).toFixed(repetitionDecimals);
}

interface Leaf extends Omit<ReadShare, "unit"> {
  readonly repetitionFactor: number;
}

/** Every domain under the source, as olmix flattens them and PyYAML reads their numbers. */
function leaves(files: readonly ExportFile[]): Leaf[] {
  const document = parseDocument(fileText(files, "mix.yaml"));
  if (document.errors[0] !== undefined) throw new InputError(`mix.yaml: ${document.errors[0].message}`);
  const mix = document.getIn(["mix", source]);
  if (!isMap(mix)) throw new InputError(`mix.yaml has no mix.${source}`);
  const total = number(mix.get("weight", true), `mix.${source}.weight`);
  const found: Leaf[] = [];
  for (const { key, value } of mix.items) {
    const domain = String(key);
    if (domain === "weight" || domain === "repetition_factor") continue;
    if (!isMap(value)) throw new InputError(`mix.yaml: ${domain} should have weight and repetition_factor`);
    found.push({
      domain,
      share: total * number(value.get("weight", true), `${domain}.weight`),
      repetitionFactor: number(value.get("repetition_factor", true), `${domain}.repetition_factor`),
    });
  }
  return found;
}

/** A missing weight would count as 1 and a missing factor as 1: olmix has defaults for both. */
function number(node: unknown, name: string): number {
  if (!isScalar(node)) throw new InputError(`mix.yaml: ${name} is missing; olmix would take 1`);
  const written = node.source ?? String(node.value);
  if (!/^\d+(\.\d+)?$/.test(written)) {
    throw new InputError(`mix.yaml: ${name} is ${written}, which PyYAML does not read as the number meant`);
  }
  return Number(written);
}

function tooFewRepetitions(files: readonly ExportFile[], manifest: Manifest): string[] {
  const epochs = new Map(manifest.domains.map((domain) => [domain.id, domain.epochs]));
  return leaves(files).flatMap(({ domain, repetitionFactor }) =>
    repetitionFactor < epochs.get(domain)!
      ? [
          `${domain} has repetition_factor=${repetitionFactor}, below its ${epochs.get(domain)} epochs: OLMo-core stops`,
        ]
      : [],
  );
}
