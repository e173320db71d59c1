/** Writes the JSON Schemas in configs/ from the zod schemas: `npm run schema`. A test fails when one is stale. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configJsonSchema } from "../pipeline/core/load-config.ts";
import { manifestJsonSchema } from "../pipeline/manifest/format-manifest.ts";
import { packageRoot } from "./parts/tool-version.ts";

const schemas = {
  "climb.schema.json": configJsonSchema(),
  "manifest.schema.json": manifestJsonSchema(),
};
for (const [name, schema] of Object.entries(schemas)) {
  await writeFile(join(packageRoot, "configs", name), `${JSON.stringify(schema, undefined, 2)}\n`);
}
