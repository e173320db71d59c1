import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BadWords } from "../../../pipeline/clean/bad-words.ts";
import { BlockedUrls } from "../../../pipeline/clean/blocked-urls.ts";
import { createCleaner, signalColumns } from "../../../pipeline/clean/cleaner.ts";
import { languageCode } from "../../../pipeline/clean/language.ts";
import { maskPersonalData } from "../../../pipeline/clean/personal-data.ts";
import { CleanConfig, signalSets } from "../../../pipeline/schema/clean-config.ts";

const noLists = { blockedUrls: [], badWords: [] };
const english =
  "The committee met on Tuesday to discuss the new library, and most of its members were in favour of it. " +
  "They will vote on the plan next month. If it is accepted, building could begin in the spring of the year after.";
const german =
  "Der Ausschuss traf sich am Dienstag, um über die neue Bibliothek zu sprechen, und die meisten waren dafür.";

await test("e-mail and public IP addresses are masked and counted, nothing else", () => {
  const cases: [text: string, masked: string, addresses: number][] = [
    ["write to jane.doe+x@mail.example.org, or not", "write to <email>, or not", 1],
    ["müller@bücher.example", "<email>", 1],
    ["from 8.8.8.8 to 93.184.216.34.", "from <ip> to <ip>.", 2],
    ["[2001:4860:4860::8888] answered", "[<ip>] answered", 1],
    ["router 192.168.0.1, host 127.0.0.1, 10.1.2.3", "router 192.168.0.1, host 127.0.0.1, 10.1.2.3", 0],
    ["version 1.2.3.4.5 and 999.1.1.1", "version 1.2.3.4.5 and 999.1.1.1", 0],
    ["at 12:30:45, std::vector, a::b, @home, a@b", "at 12:30:45, std::vector, a::b, @home, a@b", 0],
  ];
  for (const [text, masked, addresses] of cases)
    assert.deepEqual(maskPersonalData(text), { text: masked, addresses });
});

await test("masking takes time linear in the text", () => {
  for (const piece of ["a.", "a@", "1.", "f:", "a@a.", "::"]) {
    const started = performance.now();
    maskPersonalData(piece.repeat(500_000));
    assert.ok(performance.now() - started < 5000, piece);
  }
});

await test("masked text has nothing left to mask", () =>
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.emailAddress(), fc.ipV4(), fc.ipV6(), fc.lorem())), (parts) => {
      const { text } = maskPersonalData(parts.join(" "));
      assert.deepEqual(maskPersonalData(text), { text, addresses: 0 });
    }),
  ));

await test("an address falls under its host, a domain above it, or an address it begins with", () => {
  const blocked = new BlockedUrls(["# a list\nbad.example\nhttps://blogs.example/evil/\n\n", "1.2.3.4\n"]);
  const cases: [url: string, entry: string | undefined][] = [
    ["http://bad.example/", "bad.example"],
    ["https://user@WWW.Bad.Example:8080/a?b", "bad.example"],
    ["http://notbad.example/", undefined],
    ["https://blogs.example/evil/post", "blogs.example/evil"],
    ["https://blogs.example/evil?page=2", "blogs.example/evil"],
    ["https://blogs.example/evilness", undefined],
    ["http://1.2.3.4/x", "1.2.3.4"],
    ["not a url", undefined],
  ];
  for (const [url, entry] of cases) assert.equal(blocked.entryFor(url), entry, url);
});

await test("words of a list are found whole, phrases word by word, unspaced scripts and signs anywhere", () => {
  const words = new BadWords(["# a list\nDarn\ndarn\nheck of\n\nheck of a mess\n", "糞\n🤬"]);
  const cases: [text: string, count: number][] = [
    ["Darn! darn, DARN", 3],
    ["darned darning undarn", 0],
    ["a heck  of\na mess", 2],
    ["heck; of course", 1],
    ["what the heck", 0],
    ["これは糞だ。糞", 2],
    ["no🤬🤬", 2],
    ["", 0],
  ];
  for (const [text, count] of cases) assert.equal(words.count(text), count, text);
  assert.throws(() => CleanConfig.parse({ rules: ["c4-bad-words"] }), /needs a list/);
});

await test("names of one language are one", () => {
  assert.deepEqual(["en", "eng", "en-US", "eng_Latn", "fra", "zho", "???"].map(languageCode), [
    "en",
    "en",
    "en",
    "en",
    "fr",
    "zh",
    "???",
  ]);
});

await test("languages are kept by the source's word, or as detected", async () => {
  const clean = CleanConfig.parse({ languages: ["eng"] });
  const cleaner = await createCleaner(clean, [], noLists);
  const reasonOf = (text: string, language?: string) => {
    const found = cleaner.clean({ text, url: null, ...(language === undefined ? {} : { language }) });
    return "reason" in found ? `${found.reason}: ${found.detail}` : found.language;
  };
  assert.equal(reasonOf(english), "en");
  assert.equal(reasonOf(german), "other-language: language de");
  assert.equal(reasonOf(german, "en-GB"), "en-GB");
  assert.equal(reasonOf(english, "deu"), "other-language: language deu");
  assert.match(reasonOf("12345 67890") ?? "", /^other-language: (no language|perhaps)/);
});

await test("signals have a value a column; what is not asked for changes nothing", async () => {
  const listed = CleanConfig.parse({ badWords: ["words.txt"] });
  const all = await createCleaner(listed, signalSets, { blockedUrls: [], badWords: ["Vote\nnew library"] });
  assert.deepEqual(all.columns, signalColumns(signalSets, listed));
  assert.ok(!signalColumns(signalSets, CleanConfig.parse({})).includes("c4_bad_words"));
  assert.equal(new Set(all.columns).size, all.columns.length);
  const found = all.clean({ text: english, url: null });
  assert.ok("signals" in found && found.language === "en");
  assert.equal(found.signals.length, all.columns.length);
  assert.ok(found.signals.every((value) => typeof value === "number" && Number.isFinite(value)));
  assert.equal(found.signals[all.columns.indexOf("c4_sentences")], 3);
  assert.equal(found.signals[all.columns.indexOf("c4_bad_words")], 2);

  const none = await createCleaner(CleanConfig.parse({}), [], noLists);
  assert.deepEqual(none.clean({ text: "a@b.example", url: "x" }), {
    text: "a@b.example",
    signals: [],
    addresses: 0,
  });
});

await test("rules and lists leave out by name, and text is masked before it is measured", async () => {
  const clean = CleanConfig.parse({
    rules: ["gopher", "c4", "c4-bad-words"],
    badWords: ["words.txt"],
    maskPersonalData: true,
  });
  const cleaner = await createCleaner(clean, [], { blockedUrls: ["bad.example"], badWords: ["gosh darn"] });
  const tell = (text: string, url: string | null = null) => {
    const found = cleaner.clean({ text, url });
    return "reason" in found ? [found.reason, found.detail] : found.addresses;
  };
  assert.deepEqual(tell("short"), ["gopher", "gopher_words 1, at least 50"]);
  assert.deepEqual(tell(`${english} ${english} Ask a@b.example.`), 1);
  assert.deepEqual(tell(`${english} ${english} {`), ["c4", "c4_sentences 0, at least 3"]);
  assert.deepEqual(tell(`${english} ${english} Gosh-darn.`), ["c4-bad-words", "c4_bad_words 1, at most 0"]);
  assert.deepEqual(tell(english, "http://www.bad.example"), [
    "blocked-url",
    "http://www.bad.example falls under bad.example",
  ]);
});
