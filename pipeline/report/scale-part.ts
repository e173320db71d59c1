import type { Unit } from "../schema/measure.ts";
import type { ScaleResult } from "../schema/scale.ts";
import { compact, percent, signed } from "./format.ts";
import { type Html, html } from "./html.ts";
import { table } from "./layout.ts";

const titles = { found: "Found", "best-measured": "Best measured" } as const;

/** How the gap to natural moved with size; nothing where it was not asked for. */
export function scalePart(scale: ScaleResult | null, unit: Unit): Html | null {
  const [first] = scale?.trends ?? [];
  if (scale === null || first === undefined) return null;
  return html`<h3>Does it last?</h3>
    <p>${scale.text}</p>
    ${table(
      [
        { title: html`Minus natural<small>${unit}</small>` },
        ...first.gaps.map(({ tokens }) => ({
          title: html`${compact(tokens)}<small>tokens</small>`,
          numeric: true,
        })),
        { title: "Each doubling", numeric: true },
        { title: html`At ${compact(first.atTarget.tokens)}<small>the target</small>`, numeric: true },
        { title: "Gain probable", numeric: true },
      ],
      scale.trends.map(({ mixture, gaps, perDoubling, atTarget }) => [
        titles[mixture],
        ...gaps.map(
          ({ meanGap, bySeed }) =>
            html`${signed(meanGap)}
              <small>${signed(Math.min(...bySeed))} to ${signed(Math.max(...bySeed))} over seeds</small>`,
        ),
        signed(perDoubling),
        html`${signed(atTarget.gap)} <small>± ${atTarget.deviation.toFixed(4)}</small>`,
        percent(atTarget.probabilityOfGain),
      ]),
    )}
    <p class="note">
      A line over the log of the tokens. The probability holds the seeds, how badly a line fits, the confirm
      text, and beyond the largest size measured half of the slope and its error.
    </p>`;
}
