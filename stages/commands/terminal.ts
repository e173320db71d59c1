/** Talk on stderr: progress with rate and ETA, notes, errors. Results never pass through here. */
import { styleText } from "node:util";
import { ClimbError } from "../../pipeline/core/errors.ts";
import type { Progress, ProgressEvent } from "../../pipeline/core/progress.ts";

/** Without a terminal, one line at most this often per step. */
const quietMilliseconds = 5000;

interface StepClock {
  readonly started: number;
  readonly startedAt: number;
  readonly total: number;
  lastDone: number;
  lastShown: number;
}

/** A sink that shows progress on stderr; `quiet` shows only retries. */
export function terminalProgress(quiet = false): Progress {
  const stream = process.stderr;
  const live = stream.isTTY && process.env["TERM"] !== "dumb" && process.env["NO_COLOR"] === undefined;
  const clocks = new Map<string, StepClock>();
  let open = false;

  const line = (text: string) => {
    if (open) stream.write("\r\u001B[K");
    open = false;
    stream.write(`${text}\n`);
  };
  const work = ({ stage, step, done, total, unit }: ProgressEvent & { event: "work" }) => {
    const now = performance.now();
    const name = `${stage} ${step}`;
    const finished = done >= total;
    // A step may come again with other shards, as each round of the search does: then its clock starts anew.
    let clock = clocks.get(name);
    if (clock === undefined || done < clock.lastDone || total !== clock.total) {
      clock = { started: now, startedAt: done, total, lastDone: done, lastShown: now };
      clocks.set(name, clock);
    }
    clock.lastDone = done;
    if (finished) clocks.delete(name);
    if (!live && (now - clock.lastShown < quietMilliseconds || finished)) return;
    clock.lastShown = now;
    const seconds = (now - clock.started) / 1000;
    const rate = seconds > 0 ? (done - clock.startedAt) / seconds : 0;
    const eta = rate > 0 ? `, ETA ${formatSeconds((total - done) / rate)}` : "";
    const text = `  ${name}: ${formatCount(done)}/${formatCount(total)} ${unit}${rate > 0 ? `, ${formatRate(rate)}/s` : ""}${eta}`;
    if (live) {
      stream.write(`\r\u001B[K${text}`);
      open = true;
    } else {
      line(text);
    }
  };

  return (event) => {
    switch (event.event) {
      case "stage":
        if (quiet) return;
        if (event.state === "started") line(`${style("bold", event.stage)}  ${event.artifact}`);
        if (event.state === "finished")
          line(`${style("bold", event.stage)}  done in ${formatSeconds(event.seconds)}`);
        if (event.state === "reused") line(`${style("bold", event.stage)}  reused ${event.artifact}`);
        return;
      case "work":
        if (!quiet) work(event);
        return;
      case "step":
      case "metric":
        return;
      case "retry":
        line(
          style(
            "yellow",
            `  ${event.stage} ${event.step}: shard ${event.shard} ${event.reason}; attempt ${event.attempt + 1}`,
          ),
        );
        return;
      case "note":
        if (!quiet) line(`  ${event.text}`);
        return;
    }
  };
}

/** What went wrong and what to do about it; a stack only for what nobody foresaw. */
export function printError(error: unknown): void {
  const foreseen = error instanceof ClimbError;
  const message = foreseen
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${style("red", "error:")} ${message}\n`);
  if (foreseen && error.hint !== "") process.stderr.write(`${style("cyan", "hint:")} ${error.hint}\n`);
}

export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

function formatRate(rate: number): string {
  return rate >= 100 ? formatCount(Math.round(rate)) : rate.toPrecision(2);
}

function style(format: "bold" | "red" | "yellow" | "cyan", text: string): string {
  const plain = !process.stderr.isTTY || process.env["NO_COLOR"] !== undefined;
  return plain ? text : styleText(format, text);
}
