/**
 * torchtitan (2026-08): a Python module around DatasetMixConfig. Its weights count what its children yield: rows of
 * seq_len tokens if each is packed before the mix, documents if the mix is packed. It refuses a weight of 0.
 */
import { fileText } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { pythonTable, readPythonTable, requireCode } from "./python-module.ts";
import { sharesOf } from "./shares.ts";

export const torchtitan: Exporter = {
  name: "torchtitan",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, torchtitan, options);
    const text = `"""The mixture found by climb, for torchtitan's Grain data pipeline.

Each domain is packed to rows of seq_len tokens before the mix, so that the weights
are shares of the tokens; in a mix that is packed afterwards they would count documents.
Train on ${manifest.budget.targetTokens} tokens with repeat=True; the epochs below are for that many.
"""

from torchtitan.components.data import ConcatThenSplitPackingConfig, DatasetMixConfig, WeightedDataset

# Folder of a domain: share of the packed rows, and so of the tokens.
${pythonTable("WEIGHTS", shares, options.dataRoot)}


def mixture(documents_of):
    """The dataset of a GrainDataLoader.Config; documents_of(folder) configures one domain's documents."""
    return DatasetMixConfig(
        datasets=tuple(
            WeightedDataset(
                dataset=ConcatThenSplitPackingConfig(dataset=documents_of(folder)),
                weight=weight,
            )
            for folder, weight in WEIGHTS.items()
        ),
    )
`;
    return [{ path: "mixture.py", text }];
  },

  read(files) {
    const text = fileText(files, "mixture.py");
    requireCode(text, "weight=weight", "every domain weighs 1");
    requireCode(
      text,
      "dataset=ConcatThenSplitPackingConfig(dataset=documents_of(folder))",
      "the weights count documents, not tokens",
    );
    return readPythonTable(text, "WEIGHTS");
  },
};
