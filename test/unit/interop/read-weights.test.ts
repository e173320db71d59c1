import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { readWeights } from "../../../pipeline/interop/read-weights.ts";
import { withTempDir } from "../../support/temp-dir.ts";

await test("plain mappings and DoReMi's config are read, anything else is refused with the remedy", () =>
  withTempDir(async (dir) => {
    const write = async (name: string, text: string) => {
      const path = join(dir, name);
      await writeFile(path, text);
      return path;
    };
    assert.deepEqual(await readWeights(await write("hand.yaml", "code: 0.25\nweb: 0.75\n")), {
      code: 0.25,
      web: 0.75,
    });
    const doremi = JSON.stringify({
      train_domain_weights: { web: 0.9, code: 0.1 },
      eval_domain_weights: { web: 1 },
    });
    assert.deepEqual(await readWeights(await write("doremi.json", doremi)), { web: 0.9, code: 0.1 });
    await assert.rejects(readWeights(await write("list.yaml", "- 1\n- 2\n")), /is not a mapping/);
    await assert.rejects(readWeights(await write("zero.yaml", "web: 0\n")), /no domain a positive weight/);
    await assert.rejects(readWeights(join(dir, "none.yaml")), /ENOENT/);
  }));
