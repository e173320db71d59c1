/** Writes configs/climb.schema.json from the zod schema: `npm run schema`. A test fails when it is stale. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configJsonSchema } from "../pipeline/core/load-config.ts";
import { packageRoot } from "./tool-version.ts";

await writeFile(
  join(packageRoot, "configs", "climb.schema.json"),
  `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`,
);
