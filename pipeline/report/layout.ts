import { type Html, html, type HtmlValue } from "./html.ts";

/** A part of the page with a heading and one sentence that says what it shows. */
export function section(id: string, title: string, lead: HtmlValue, ...content: HtmlValue[]): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    <p class="lead">${lead}</p>
    ${content}
  </section> `;
}

/** A picture and the sentence that explains it. */
export function figure(picture: Html, caption: HtmlValue): Html {
  return html`<figure>
    ${picture}
    <figcaption>${caption}</figcaption>
  </figure> `;
}

export interface Column {
  readonly title: HtmlValue;
  /** Numbers stand right-aligned. */
  readonly numeric?: boolean;
  readonly className?: string;
}

/** A table that scrolls sideways where the screen is too narrow. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly HtmlValue[])[],
  foot?: Html,
): Html {
  const kind = ({ numeric, className }: Column) =>
    [numeric === true ? "number" : "", className ?? ""].filter((name) => name !== "").join(" ");
  const cells = (row: readonly HtmlValue[]) =>
    row.map((cell, i) => html`<td class="${kind(columns[i]!)}">${cell}</td>`);
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" class="${kind(column)}">${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${cells(row)}
            </tr> `,
        )}
      </tbody>
      ${foot}
    </table>
  </div> `;
}

/** A bar of `share` of the width, with a tick at `mark` (both in 0..1). */
export function bar(share: number, mark?: number, className = ""): Html {
  const tick = mark === undefined ? null : html`<b style="left:${width(mark)}"></b>`;
  return html`<span class="bar ${className}"><i style="width:${width(share)}"></i>${tick}</span>`;
}

function width(share: number): string {
  return `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`;
}
