/** The part of html-to-text that is used here; the package ships no types. */
declare module "html-to-text" {
  export interface HtmlToTextOptions {
    readonly wordwrap?: number | false;
    readonly selectors?: readonly {
      readonly selector: string;
      readonly format?: string;
      readonly options?: Readonly<Record<string, unknown>>;
    }[];
  }
  export function convert(html: string, options?: HtmlToTextOptions): string;
}
