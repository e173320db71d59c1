/**
 * Hugging Face datasets: a Python module around interleave_datasets, which draws whole documents. The probabilities
 * are therefore the manifest's documentProbability. The default stopping strategy ends at the first domain that does.
 */
import { fileText } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { requireSumForNumpy } from "./numpy-choice.ts";
import { pythonTable, readPythonTable, requireCode } from "./python-module.ts";
import { sharesOf } from "./shares.ts";

export const hfDatasets: Exporter = {
  name: "hf-datasets",
  unit: "documents",

  files(manifest, options) {
    const shares = sharesOf(manifest, hfDatasets, options);
    const text = `"""The mixture found by climb, for Hugging Face datasets.

interleave_datasets draws whole documents, so these are probabilities of documents:
token weight / mean tokens of a document, normalised. The drawn tokens then have the
weights of mixture.json. Train on ${manifest.budget.targetTokens} tokens; the epochs below are for that many.
"""

from datasets import interleave_datasets, load_dataset

SEED = ${manifest.lineage.seed}

# Folder of a domain: probability that the next document is one of its own.
${pythonTable("PROBABILITIES", shares, options.dataRoot)}


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
    const text = fileText(files, "mixture.py");
    const shares = readPythonTable(text, "PROBABILITIES");
    requireSumForNumpy(shares, "mixture.py");
    requireCode(text, "probabilities=list(PROBABILITIES.values())", "every domain is drawn alike");
    requireCode(text, 'stopping_strategy="all_exhausted"', "the smallest domain ends the mixture");
    return shares;
  },
};
