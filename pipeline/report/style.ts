/** The report's style sheet: system fonts, light and dark, narrow screens, print. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --wash: #f6f7f9; --ink: #17202b; --muted: #667284; --faint: #b4bcc8;
  --line: #e6e9ee; --line-strong: #bcc4cf; --accent: #2f5bd0; --bar: #7f9be6; --quiet: #c9d1de;
  --up: #2f5bd0; --down: #d0752f; --good: #147a52; --bad: #c2352b;
  --good-wash: #e9f6f0; --bad-wash: #fcedeb; --neutral-wash: #f3f4f7;
  --series-1: #2f5bd0; --series-2: #d0752f; --series-3: #147a52; --series-4: #8a4fc4; --series-5: #b5851b; --series-6: #c0417f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --wash: #1a2029; --ink: #e6eaf0; --muted: #97a3b4; --faint: #566273;
    --line: #29313c; --line-strong: #4a5565; --accent: #86a6ff; --bar: #5674c4; --quiet: #3a4656;
    --up: #86a6ff; --down: #ee9a5c; --good: #4cc38f; --bad: #f07b70;
    --good-wash: #12291f; --bad-wash: #331a18; --neutral-wash: #1e242e;
    --series-1: #86a6ff; --series-2: #ee9a5c; --series-3: #4cc38f; --series-4: #c39bf0; --series-5: #e0b95a; --series-6: #ee86b7;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
main, footer { max-width: 1080px; margin: 0 auto; padding: 0 28px; }
header { padding-top: 52px; }
.kicker { margin: 0; color: var(--muted); font-size: 12px; font-weight: 600; letter-spacing: .09em; text-transform: uppercase; }
h1 { margin: 4px 0 22px; font-size: 36px; line-height: 1.15; letter-spacing: -.02em; overflow-wrap: anywhere; }
h2 { margin: 0 0 4px; font-size: 22px; line-height: 1.3; letter-spacing: -.01em; }
h3 { margin: 22px 0 2px; font-size: 14px; }
section { padding-top: 56px; }
p { margin: 0 0 10px; }
.lead { max-width: 74ch; margin-bottom: 18px; color: var(--muted); }
.note, figcaption { max-width: 84ch; margin-top: 8px; color: var(--muted); font-size: 13px; }
.muted { color: var(--muted); }
.up { color: var(--up); } .down { color: var(--down); }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
small { display: block; color: var(--muted); font-size: 12.5px; font-weight: 400; line-height: 1.4; }

.verdict { display: flex; flex-wrap: wrap; gap: 16px 48px; align-items: center; justify-content: space-between;
  padding: 24px 28px; border-radius: 14px; background: var(--neutral-wash); border-left: 5px solid var(--muted); }
.verdict.gain { background: var(--good-wash); border-color: var(--good); }
.verdict.loss { background: var(--bad-wash); border-color: var(--bad); }
.verdict > div { flex: 1 1 380px; }
.verdict p { margin: 0; }
.claim { font-size: 21px; font-weight: 650; letter-spacing: -.01em; line-height: 1.3; padding-bottom: 4px; }
.difference span { display: block; color: var(--muted); font-size: 13px; line-height: 1.5; }
.difference strong { display: block; font-size: 40px; line-height: 1.1; letter-spacing: -.02em; padding-bottom: 4px; }
.gain .difference strong { color: var(--good); }
.loss .difference strong { color: var(--bad); }

.numbers { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1px; margin: 22px 0 0; background: var(--line);
  border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
.numbers > div { padding: 14px 18px 16px; background: var(--paper); min-width: 0; }
.numbers dt { color: var(--muted); font-size: 13px; }
.numbers dd { margin: 2px 0 0; font-size: 22px; font-weight: 600; letter-spacing: -.01em; }
.numbers small { letter-spacing: 0; overflow-wrap: anywhere; }

nav { position: sticky; top: 0; z-index: 1; display: flex; gap: 22px; margin-top: 28px; padding: 12px 0; overflow-x: auto;
  background: var(--paper); border-bottom: 1px solid var(--line); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
nav a { color: var(--muted); font-size: 14px; }
section { scroll-margin-top: 4px; }

.scroll { overflow-x: auto; margin: 8px 0 4px; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { padding: 8px 14px 8px 0; color: var(--muted); font-size: 12.5px; font-weight: 600; text-align: left; vertical-align: bottom;
  border-bottom: 1px solid var(--line-strong); }
td { padding: 9px 14px 9px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom-color: var(--line-strong); }
tfoot td { border: 0; padding-top: 0; }
.number { text-align: right; white-space: nowrap; }
.number small { white-space: nowrap; }
.wide { min-width: 270px; width: 44%; }
.named { min-width: 170px; }
.barred { min-width: 104px; }
.whisker { width: 300px; min-width: 220px; padding-left: 10px; }
td.whisker { vertical-align: middle; padding-top: 0; padding-bottom: 0; }
tfoot td.whisker { padding-top: 0; vertical-align: top; }
.about { margin-top: 1px; }
.about summary { width: auto; color: var(--muted); overflow-wrap: anywhere; }
.about[open] summary { padding-bottom: 4px; }
td code.muted { padding-left: 4px; }
.tag { padding: 1px 7px; border-radius: 9px; background: var(--neutral-wash); color: var(--muted); font-size: 12px; }

.bar { position: relative; display: block; height: 6px; margin: 6px 0 3px; border-radius: 3px; background: var(--line); }
.bar i { display: block; height: 100%; border-radius: 3px; background: var(--bar); }
.bar b { position: absolute; top: -3px; bottom: -3px; width: 2px; margin-left: -1px; background: var(--ink); }
.bar.quiet i { background: var(--line-strong); }
.bar.capped i { background: var(--down); }

details { margin-top: 6px; }
summary { width: max-content; color: var(--accent); font-size: 13px; cursor: pointer; }
blockquote { max-width: 68ch; margin: 8px 0; padding: 2px 0 2px 14px; border-left: 3px solid var(--line); font-size: 13.5px;
  overflow-wrap: anywhere; unicode-bidi: isolate; }
cite { display: block; color: var(--muted); font-size: 12px; font-style: normal; }

figure { margin: 14px 0 10px; }
.plot { display: block; width: 100%; height: auto; overflow: visible; color: var(--muted); font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.plot text { white-space: pre; }
.plot [aria-label$="grid"] { stroke: var(--line); stroke-opacity: 1; }
.plot [aria-label$="axis tick"] { stroke: var(--line-strong); }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 50%; }
.key.hollow { border: 2px solid var(--muted); } .key.up-dot { background: var(--up); } .key.down-dot { background: var(--down); }
.beside { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 48px; align-items: start; }
.beside > * { min-width: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 8px 40px; }

.facts { margin: 0; }
.facts > div { display: grid; grid-template-columns: 130px 1fr; gap: 16px; padding: 5px 0; border-bottom: 1px solid var(--line); font-size: 14px; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; min-width: 0; }
footer { margin-top: 64px; padding-top: 16px; padding-bottom: 48px; color: var(--muted); font-size: 13px; }

@media (max-width: 780px) {
  main, footer { padding-left: 16px; padding-right: 16px; }
  .numbers { grid-template-columns: repeat(2, 1fr); }
  .beside { grid-template-columns: 1fr; }
  .difference strong { font-size: 32px; }
  figure { overflow-x: auto; }
  figure .plot { min-width: 560px; }
}
@media print { nav { display: none; } section { break-inside: avoid-page; padding-top: 28px; } }
`;
