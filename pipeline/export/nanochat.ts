/**
 * karpathy/nanochat: a folder of Parquet files with a column `text`, read in the order of their names; the last is
 * the validation split. A rank reads every world_size-th row group and waits forever for one that no file has.
 */
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../schema/manifest.ts";
import type { Exporter, ExportOptions } from "./exporter.ts";
import {
  materializedFiles,
  type MaterializeSettings,
  mixtureBytes,
  mixtureFolder,
  readMaterialized,
} from "./materialized-mixture.ts";
import { notesFile } from "./notes.ts";
import { sharesOf } from "./shares.ts";

/** nanochat's own files hold about this much text. */
const usualShardBytes = 250_000_000;
/** Of a small mixture, so that the last one takes little away from training. */
const fewestShards = 20;

export const nanochat: Exporter = {
  name: "nanochat",
  unit: "tokens",
  isMaterialized: true,

  files(manifest, options) {
    const shares = sharesOf(manifest, nanochat, options);
    const settings = settingsFor(manifest, options);
    return [
      ...materializedFiles(manifest, shares, settings, options),
      notesFile(manifest, shares, [
        `1. sh materialize.sh <run directory>   2. ln -s ${settings.folder} "$NANOCHAT_BASE_DIR/base_data_climbmix" (base_data in nanochat before 2026-03)`,
        "The last file is nanochat's validation split: a sample of the mixture, which shares documents with training where a domain",
        "has more than one epoch. Files are read in order and again from the first: the order in them is shuffled already.",
        "Every file needs at least as many row groups of 2048 documents as there are ranks, or a rank waits forever: use fewer ranks",
        "for a small mixture, or give a larger --shard-bytes.",
      ]),
    ];
  },

  read(files, manifest, options) {
    const settings = settingsFor(manifest, options);
    if (mixtureBytes(manifest) < 2 * settings.shardBytes) {
      throw new InputError("the mixture fits one file, which nanochat would take for validation alone");
    }
    return readMaterialized(files, manifest, settings);
  },
};

function settingsFor(manifest: Manifest, options: ExportOptions): MaterializeSettings {
  const small = Math.max(1, Math.floor(mixtureBytes(manifest) / fewestShards));
  return {
    format: "parquet",
    shardBytes: Math.min(usualShardBytes, small),
    folder: mixtureFolder("nanochat", options),
  };
}
