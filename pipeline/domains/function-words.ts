import { eng } from "stopword";

/** English words that name no subject and that the stopword package's list of 108 leaves out, and parts of web addresses. */
const furtherWords = `
  its she hers herself mine myself ours ourselves yours yourself yourselves itself theirs themselves
  whom whose someone something anyone anything everyone everything nobody nothing none not nor
  neither either without within will shall may cannot does doing done having one two three first
  second every few several own less least when why until though although whether unless thus hence
  therefore however just even yet already again once quite rather almost often always perhaps ever
  soon later ago away back off down onto upon during above below among against around across along
  toward towards behind beyond near say says going goes went made took know mrs
  http https www com net org html htm
`;

export const functionWords: ReadonlySet<string> = new Set([...eng, ...furtherWords.trim().split(/\s+/)]);
