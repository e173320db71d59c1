/**
 * Megatron-LM: `--data-args-path blend.txt`, or `--per-split-data-args-path blend.json`, which trains on all of the
 * data. Weights count fixed-length sequences, that is tokens; Megatron normalises them and repeats what runs out.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { fileText, readJson } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { blendPairs, readBlend, wordsOf } from "./megatron-blend.ts";
import { notesFile } from "./notes.ts";
import { sharesOf } from "./shares.ts";

/** Megatron looks all three keys up, and takes null for no such split. */
const PerSplit = z.strictObject({ train: z.array(z.string()), valid: z.null(), test: z.null() });

export const megatron: Exporter = {
  name: "megatron",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, megatron, options);
    const pairs = blendPairs(shares, options.dataRoot);
    const lines = pairs.map((pair) => `    ${pair.map((word) => JSON.stringify(word)).join(", ")}`);
    return [
      { path: "blend.txt", text: `${pairs.flat().join(" ")}\n` },
      {
        path: "blend.json",
        text: `{\n  "train": [\n${lines.join(",\n")}\n  ],\n  "valid": null,\n  "test": null\n}\n`,
      },
      notesFile(manifest, shares, [
        "Pass blend.txt with --data-args-path and a --split, whose default 969, 30, 1 keeps 3 % of the data from training;",
        "or blend.json with --per-split-data-args-path, after naming validation data in it (or with --eval-iters 0).",
        "Each prefix stands for <prefix>.bin and <prefix>.idx.",
      ]),
    ];
  },

  read(files) {
    const shares = readBlend(wordsOf(fileText(files, "blend.txt")), "blend.txt");
    const { train } = readJson(files, "blend.json", PerSplit);
    if (!isDeepStrictEqual(readBlend(train, "blend.json"), shares)) {
      throw new InputError("blend.txt and blend.json hold different mixtures");
    }
    return shares;
  },
};
