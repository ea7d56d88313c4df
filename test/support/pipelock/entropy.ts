/** Randomness of the parts of a URL, in bits a character. */
import { isIP } from "node:net";
import type { Config } from "./config.ts";
import { isListed } from "./domains.ts";

const shortestPart = 20;
const shortestLabel = 8;

export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  let length = 0;
  for (const character of text) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
    length += 1;
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / length) * Math.log2(count / length);
  return bits;
}

/** Why the path or query looks random; undefined if it does not. An excluded host's path is not looked at. */
export function findRandomPart(url: URL, config: Config): string | undefined {
  const threshold = config.entropyThreshold;
  const isRandom = (part: string) => part.length >= shortestPart && entropyOf(part) > threshold;
  const say = (what: string, part: string) =>
    `high entropy ${what} (${entropyOf(part).toFixed(2)} > ${threshold.toFixed(2)} threshold)`;
  if (!isListed(url.hostname, config.entropyExclusions)) {
    const segment = safelyDecode(url.pathname).split("/").find(isRandom);
    if (segment !== undefined) return say("path segment", segment);
  }
  for (const [name, value] of url.searchParams) {
    if (isRandom(name)) return say(`query key ${JSON.stringify(name)}`, name);
    if (isRandom(value)) return say(`query param ${JSON.stringify(name)}`, value);
  }
  return undefined;
}

/** Why the host looks random: every label but the last two counts. */
export function findRandomLabel(host: string, config: Config): string | undefined {
  const threshold = config.subdomainEntropyThreshold;
  if (isIP(host) !== 0 || isListed(host, config.entropyExclusions)) return undefined;
  const label = host
    .split(".")
    .slice(0, -2)
    .find((one) => one.length >= shortestLabel && entropyOf(one) > threshold);
  if (label === undefined) return undefined;
  const bits = entropyOf(label).toFixed(2);
  return `high entropy subdomain label ${JSON.stringify(label)} (${bits} > ${threshold.toFixed(2)} threshold)`;
}

function safelyDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
