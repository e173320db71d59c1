/** Text that is HTML already. Everything else is escaped when it enters a template. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** html`<p>${text}</p>`: strings and numbers are escaped, lists joined; null, undefined and false leave nothing. */
export function html(literals: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(literals.map((literal, i) => (i === 0 ? "" : render(values[i - 1])) + literal).join(""));
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  return value.map(render).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Safe as text and as a quoted attribute. */
function escapeHtml(text: string): string {
  return replaceForbidden(text).replaceAll(/[&<>"']/g, (character) => entities[character]!);
}

/** Control characters, which HTML cannot hold, and halves of surrogate pairs, which UTF-8 cannot, become U+FFFD. */
export function replaceForbidden(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n\r]|\p{Cs}/gu, "\uFFFD");
}
