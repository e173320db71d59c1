import { c4 } from "./c4.ts";
import { climbLab, climbMix, curatorClimb } from "./climb.ts";
import { dclm, webOrganizer } from "./dclm.ts";
import { datatrove, dolma } from "./dolma.ts";
import { fineweb, fineweb2, finewebEdu, finewebEduFortified } from "./fineweb.ts";
import type { Layout } from "./layout.ts";
import { nemotronCc } from "./nemotron-cc.ts";
import { redPajama1, redPajama2, slimPajama } from "./redpajama.ts";

/** Corpora that are recognised. The first that the evidence shows is meant, so the more particular come first. */
export const knownLayouts: readonly Layout[] = [
  curatorClimb,
  climbLab,
  climbMix,
  webOrganizer,
  dclm,
  finewebEduFortified,
  fineweb2,
  finewebEdu,
  fineweb,
  nemotronCc,
  redPajama2,
  slimPajama,
  redPajama1,
  c4,
  dolma,
  datatrove,
];
