import { z } from "zod";
import { Manifest } from "../schema/manifest.ts";

/** mixture.json's text: keys in the schema's order, two spaces, a newline at the end. Equal manifests, equal bytes. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(Manifest.parse(manifest), undefined, 2)}\n`;
}

/** JSON Schema (draft 2020-12) of mixture.json, for programs in other languages. */
export function manifestJsonSchema(): object {
  return { ...z.toJSONSchema(Manifest), title: "CLIMB mixture manifest" };
}
