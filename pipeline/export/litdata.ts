/**
 * litdata: a Python module around CombinedStreamingDataset, whose weights count items; with a TokensLoader those are
 * blocks of tokens. It refuses weights unless iterate_over_all is False, and without weights size decides.
 */
import { fileText } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { pythonTable, readPythonTable, requireCode } from "./python-module.ts";
import { sharesOf } from "./shares.ts";

export const litdata: Exporter = {
  name: "litdata",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, litdata, options);
    const text = `"""The mixture found by climb, for litdata.

Each folder is a dataset of token ids, written by litdata.optimize with a TokensLoader.
One pass ends with the first domain that does: go on with further passes until the run
has seen ${manifest.budget.targetTokens} tokens; the epochs below are for that many.
"""

from litdata.streaming import CombinedStreamingDataset, StreamingDataset, TokensLoader

SEED = ${manifest.lineage.seed}

# Folder of a domain: share of the blocks, and so of the tokens.
${pythonTable("WEIGHTS", shares, options.dataRoot)}


def load_mixture(block_size):
    """The mixed blocks of block_size tokens: the length of a sequence, plus one for the next word."""
    domains = [
        StreamingDataset(
            input_dir=folder,
            item_loader=TokensLoader(block_size=block_size),
            shuffle=True,
            seed=SEED,
        )
        for folder in WEIGHTS
    ]
    return CombinedStreamingDataset(
        datasets=domains,
        seed=SEED,
        weights=list(WEIGHTS.values()),
        iterate_over_all=False,
    )
`;
    return [{ path: "mixture.py", text }];
  },

  read(files) {
    const text = fileText(files, "mixture.py");
    requireCode(text, "weights=list(WEIGHTS.values())", "litdata weighs domains by their size");
    requireCode(text, "iterate_over_all=False", "litdata refuses weights");
    requireCode(
      text,
      "item_loader=TokensLoader(block_size=block_size)",
      "the weights count samples, not tokens",
    );
    return readPythonTable(text, "WEIGHTS");
  },
};
