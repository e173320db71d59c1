import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { Html, html, replaceForbidden } from "./html.ts";

/**
 * Draw a plot without a browser. Marks that need generated ids (clips, markers, gradients) are counted through the
 * life of the process, so they are not to be used: the page would differ from one render to the next.
 *
 * @param label what the picture shows, for those who cannot see it
 */
export function drawPlot(label: string, options: Plot.PlotOptions): Html {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({ className: "plot", ...options, document });
  // The page's own style sheet speaks for all plots.
  svg.querySelector("style")?.remove();
  for (const fixed of ["width", "height", "font-family", "font-size"]) svg.removeAttribute(fixed);
  svg.setAttribute("style", `max-width: ${options.width ?? 640}px`);
  // linkedom escapes marks' texts but passes on what HTML forbids, and leaves < in attributes such as a label.
  const picture = new Html(replaceForbidden(svg.outerHTML as string));
  return html`<div role="img" aria-label="${label}">${picture}</div>`;
}

/** Colour of a round, a predictor, ...: six that tell apart, in light and dark. */
export function seriesColour(index: number): string {
  return `var(--series-${(index % 6) + 1})`;
}

/** Lowest and highest of the values with a little air; `include` is always inside. */
export function paddedRange(values: readonly number[], include: readonly number[] = []): [number, number] {
  const all = [...values, ...include];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const air = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - air, high + air];
}
