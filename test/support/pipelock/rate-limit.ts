/** A sliding minute for every registrable domain. Counts outlive a reload, unlike the real program's, which is stricter. */
import { registrableDomain } from "./domains.ts";

const minuteMs = 60_000;

export class RateLimit {
  readonly #seen = new Map<string, number[]>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Counts a request if it is within the limit. */
  admit(host: string, perMinute: number): boolean {
    const domain = registrableDomain(host);
    const now = this.#now();
    const recent = (this.#seen.get(domain) ?? []).filter((time) => time > now - minuteMs);
    this.#seen.set(domain, recent);
    if (recent.length >= perMinute) return false;
    recent.push(now);
    return true;
  }
}
