import type { HtmlToTextOptions } from "html-to-text";

const rendering: HtmlToTextOptions = {
  wordwrap: false,
  selectors: [
    { selector: "a", options: { ignoreHref: true } },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
    ...["img", "hr", "nav", "header", "footer", "aside", "form"].map((selector) => ({
      selector,
      format: "skip",
    })),
  ],
};

/**
 * The main text of a web page: the part Readability takes for the article, or the whole page where it finds
 * none or the page is very long. Paragraphs are separated by blank lines; links and images leave only their text.
 */
export async function htmlText(html: string): Promise<string> {
  if (nestsTooDeep(html)) return withoutTags(html);
  const { convert } = await import("html-to-text");
  const article = html.length > maxArticlePage ? undefined : await findArticle(html).catch(() => undefined);
  const render = (part: string) =>
    convert(part, rendering)
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim();
  try {
    const text = article === undefined ? "" : render(article);
    return text === "" ? render(html) : text;
  } catch (error) {
    // The text between the tags is still text.
    if (!(error instanceof RangeError)) throw error;
    return withoutTags(html);
  }
}

/** In characters. Finding the article takes time quadratic in some pages: ten seconds at a million characters. */
const maxArticlePage = 2 ** 19;

/** Linear in the page's length, whatever is left open in it. */
function withoutTags(html: string): string {
  return html
    .replaceAll(/<(script|style)\b[^]*?(<\/\1>|$)/gi, " ")
    .replaceAll(/<[^<>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Parsers take time quadratic in it, or overflow the stack; browsers stop at 512. */
const maxDepth = 2000;

/** Elements that need no end tag, so that counting tags says nothing about them. */
const unclosed =
  /^(area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|source|tbody|td|th|tr|wbr)$/i;

function nestsTooDeep(html: string): boolean {
  let depth = 0;
  for (const [, slash, name] of html.matchAll(/<(\/?)([a-z][\w-]*)/gi)) {
    if (unclosed.test(name!)) continue;
    depth = slash === "" ? depth + 1 : Math.max(0, depth - 1);
    if (depth > maxDepth) return true;
  }
  return false;
}

async function findArticle(html: string): Promise<string | undefined> {
  const { parseHTML } = await import("linkedom");
  const { Readability } = await import("@mozilla/readability");
  const { document } = parseHTML(html);
  return new Readability(document).parse()?.content ?? undefined;
}
