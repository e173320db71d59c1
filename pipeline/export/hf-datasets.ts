/**
 * Hugging Face datasets: a Python module around interleave_datasets, which draws whole documents. The probabilities
 * are therefore the manifest's documentProbability, and must sum to 1 within 1e-8 for numpy's choice.
 */
import { InputError } from "../core/errors.ts";
import { checkByReading, fileText } from "./compare-shares.ts";
import type { Exporter, ReadShare } from "./exporter.ts";
import { domainPath, droppedNotes, oneLine, sharesOf } from "./shares.ts";

export const hfDatasets: Exporter = {
  name: "hf-datasets",
  unit: "documents",

  files(manifest, { dataRoot, decimals }) {
    const { kept, dropped } = sharesOf(manifest, "documents", decimals);
    const entries = kept.map(({ domain, text }) => {
      const path = JSON.stringify(domainPath(dataRoot, domain.id));
      const percent = (domain.weight * 100).toFixed(2);
      return `    ${path}: ${text},  # ${percent} % of the tokens, ${domain.epochs.toFixed(3)} epochs: ${oneLine(domain.name)}`;
    });
    const notes = droppedNotes(dropped).map((note) => `# ${note}`);
    const text = `"""The mixture found by climb, for Hugging Face datasets.

interleave_datasets draws whole documents, so these are probabilities of documents:
token weight / mean tokens of a document, normalised. The drawn tokens then have the
weights of mixture.json. Train on ${manifest.budget.targetTokens} tokens; the epochs below are for that many.
"""

from datasets import interleave_datasets, load_dataset

SEED = ${manifest.lineage.seed}

# Folder of a domain: probability that the next document is one of its own.
PROBABILITIES = {
${[...entries, ...notes.map((note) => `    ${note}`)].join("\n")}
}


def load_mixture(streaming=True):
    """The mixed documents. A small domain starts again when it ends: first_exhausted would stop there."""
    domains = [load_dataset(folder, split="train", streaming=streaming) for folder in PROBABILITIES]
    return interleave_datasets(
        domains,
        probabilities=list(PROBABILITIES.values()),
        seed=SEED,
        stopping_strategy="all_exhausted",
    )
`;
    return [{ path: "mixture.py", text }];
  },

  read(files) {
    return parseModule(fileText(files, "mixture.py"));
  },

  check: (files, manifest, options) => checkByReading(hfDatasets, files, manifest, options),
};

/** The probabilities as Python would see them. Throws where interleave_datasets would fail or stop early. */
function parseModule(text: string): ReadShare[] {
  const table = /^PROBABILITIES = \{\n([\s\S]*?)^\}$/m.exec(text)?.[1];
  if (table === undefined) throw new InputError("mixture.py has no table called PROBABILITIES");
  const shares: ReadShare[] = [];
  for (const line of table.split("\n")) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const entry = /^ {4}("(?:[^"\\]|\\.)*"): (\d+\.\d+),(?: {2}#.*)?$/.exec(line);
    if (entry === null) throw new InputError(`mixture.py: ${line.trim()} is not "folder": probability`);
    const folder = JSON.parse(entry[1]!) as string;
    shares.push({ domain: folder.split("/").at(-1)!, share: Number(entry[2]), unit: "documents" });
  }
  const sum = shares.reduce((total, { share }) => total + share, 0);
  if (!(Math.abs(sum - 1) <= 1e-8)) {
    throw new InputError(
      `mixture.py: the probabilities sum to ${sum}, which numpy refuses beyond 1e-8 from 1`,
    );
  }
  if (!text.includes('stopping_strategy="all_exhausted"')) {
    throw new InputError(
      "mixture.py: without stopping_strategy=all_exhausted the smallest domain ends the mixture",
    );
  }
  return shares;
}
