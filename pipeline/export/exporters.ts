import type { ExportTarget } from "../schema/export-config.ts";
import { axolotl } from "./axolotl.ts";
import { dolma } from "./dolma.ts";
import type { Exporter } from "./exporter.ts";
import { hfDatasets } from "./hf-datasets.ts";
import { levanter } from "./levanter.ts";
import { litdata } from "./litdata.ts";
import { llamaFactory } from "./llama-factory.ts";
import { llmFoundry } from "./llm-foundry.ts";
import { marin } from "./marin.ts";
import { maxtext } from "./maxtext.ts";
import { megatron } from "./megatron.ts";
import { megatronBridge } from "./megatron-bridge.ts";
import { nanochat } from "./nanochat.ts";
import { nanotron } from "./nanotron.ts";
import { nvidiaRecipe } from "./nvidia-recipe.ts";
import { olmix } from "./olmix.ts";
import { olmoCore } from "./olmo-core.ts";
import { regmix } from "./regmix.ts";
import { torchtitan } from "./torchtitan.ts";

export const exporters: Readonly<Record<ExportTarget, Exporter>> = {
  megatron,
  "megatron-bridge": megatronBridge,
  "nvidia-recipe": nvidiaRecipe,
  "olmo-core": olmoCore,
  olmix,
  dolma,
  "llm-foundry": llmFoundry,
  "hf-datasets": hfDatasets,
  nanotron,
  levanter,
  marin,
  litdata,
  torchtitan,
  maxtext,
  "llama-factory": llamaFactory,
  regmix,
  nanochat,
  axolotl,
};
