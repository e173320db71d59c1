import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import * as discover from "../../../pipeline/corpus/discover.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile } from "./input-files.ts";

const discoverFiles = async (...input: Parameters<typeof discover.discoverFiles>) =>
  (await discover.discoverFiles(...input)).files;

const source = (name: string, ...files: string[]) => ({ name, files, format: "auto" as const });

await test("names are relative to the folder the patterns share, sorted by source and name", () =>
  withTempDir(async (folder) => {
    for (const name of ["web/b.jsonl", "web/a/z.parquet", "web/a/Z.jsonl", "books/one.txt"]) {
      await putFile(folder, name, "x");
    }
    const files = await discoverFiles([source("web", "web/**/*"), source("books", "books/*.txt")], folder);
    assert.deepEqual(
      files.map(({ source, name, format }) => [source, name, format]),
      [
        ["books", "one.txt", "text"],
        ["web", "a/Z.jsonl", "jsonl"],
        ["web", "a/z.parquet", "parquet"],
        ["web", "b.jsonl", "jsonl"],
      ],
    );
    const both = await discoverFiles([source("all", "books/*", "web/b.jsonl")], folder);
    assert.deepEqual(
      both.map(({ name }) => name),
      ["books/one.txt", "web/b.jsonl"],
    );
  }));

await test("a corpus that moves as a whole keeps its names", () =>
  withTempDir(async (folder) => {
    for (const place of ["here", "there/deep"]) {
      await putFile(folder, `${place}/a/x.md`, "x");
      await putFile(folder, `${place}/b.txt`, "x");
    }
    const names = async (pattern: string) =>
      (await discoverFiles([source("s", pattern)], folder)).map(({ name }) => name);
    const expected = ["a/x.md", "b.txt"];
    assert.deepEqual(await names("here/**/*.*"), expected);
    assert.deepEqual(await names(join(folder, "there/deep/**/*.*")), expected);
    assert.deepEqual(await names("there/deep"), expected, "a folder stands for everything in it");
    assert.deepEqual(await names("here/{a,.}/x.md"), ["a/x.md"]);
    await symlink(join(folder, "here"), join(folder, "linked"));
    assert.deepEqual(await names("linked/**/*.*"), expected);
  }));

await test("a file counts once, an excluded one not at all, and an existing name is taken literally", () =>
  withTempDir(async (folder) => {
    await putFile(folder, "a.txt", "x");
    await putFile(folder, "b.txt", "x");
    await putFile(folder, "c [1].txt", "x");
    const names = async (...files: string[]) =>
      (await discoverFiles([source("s", ...files)], folder)).map(({ name }) => name);
    assert.deepEqual(await names("*.txt", "a.txt", join(folder, "a.*")), ["a.txt", "b.txt", "c [1].txt"]);
    assert.deepEqual(await names("*.txt", "!b*"), ["a.txt", "c [1].txt"]);
    assert.deepEqual(await names("c [1].txt"), ["c [1].txt"]);
  }));

await test("compression is told by the first bytes, format by the ending below a compression's", () =>
  withTempDir(async (folder) => {
    const files = [
      ["a.jsonl.gz", "1f8b08", "jsonl", "gzip"],
      ["b.JSON", "1f8b08", "jsonl", "gzip"],
      ["c.jsonl.zstd", "28b52ffd", "jsonl", "zstd"],
      ["d.ndjson.zst", "7b7d", "jsonl", "none"],
      ["e.htm", "", "html", "none"],
      ["f.mdx", "2320", "markdown", "none"],
    ] as const;
    for (const [name, bytes, format, compression] of files) {
      const file = await putFile(folder, name, Buffer.from(bytes, "hex"));
      assert.deepEqual([file.format, file.compression], [format, compression], name);
      assert.equal(file.bytes, bytes.length / 2);
    }
  }));

await test("errors name the pattern or file, the source and the remedy", () =>
  withTempDir(async (folder) => {
    await writeFile(join(folder, "data.csv"), "x");
    const rejects = (pattern: string, message: RegExp, hint: RegExp) =>
      assert.rejects(discoverFiles([source("web", pattern)], folder), (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        assert.match(error.hint, hint);
        return true;
      });
    await rejects("*.parquet", /source web: '\*\.parquet' matches no file/, /correct its files/);
    await rejects("gone.txt", /'gone\.txt' matches no file/, /relative to the directory/);
    await rejects("*.csv", /source web: .*data\.csv/, /set the source's format/);
    const files = await discoverFiles([{ ...source("web", "*.csv"), format: "text" }], folder);
    assert.equal(files[0]?.format, "text");
  }));
