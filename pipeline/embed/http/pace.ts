import { setTimeout as sleep } from "node:timers/promises";

/** When requests may start: so many a minute at most, and none while the server asks for a pause. */
export class Pace {
  readonly #gapMs: number;
  #nextStart = 0;
  #pausedUntil = 0;

  /** @param requestsPerMinute null for no limit */
  constructor(requestsPerMinute: number | null) {
    this.#gapMs = requestsPerMinute === null ? 0 : 60_000 / requestsPerMinute;
  }

  /** Wait for one's turn. */
  async turn(signal: AbortSignal): Promise<void> {
    const start = Math.max(performance.now(), this.#nextStart);
    this.#nextStart = start + this.#gapMs;
    await sleep(start - performance.now(), undefined, { signal });
    // Another request may have been told to wait meanwhile, and again while this one waits.
    while (performance.now() < this.#pausedUntil) {
      await sleep(this.#pausedUntil - performance.now(), undefined, { signal });
    }
  }

  /** No request starts for so long. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + ms);
  }
}
