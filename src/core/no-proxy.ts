/** NO_PROXY, as curl and Go read it: the hosts that are reached past an upstream proxy. */
import { isIpv4, parseHostName } from "./host-name.ts";
import { engineHost } from "./host-port.ts";

/** All hosts */
const everything = "*";

/**
 * Reads the list. A name stands for itself and everything below it, with or without a dot or `*.` in front; a port after it counts for
 * nothing. Words of another form, such as address ranges, are left out: an address is reached directly anyway.
 */
export function parseNoProxy(text: string): string[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  return [...new Set(words.flatMap(readWord))];
}

function readWord(word: string): string[] {
  if (word === everything) return [everything];
  const parsed = parseHostName(word.replace(/^(?:\*\.|\.)/, "").replace(/:\d{1,5}$/, ""));
  return parsed.ok && !isIpv4(parsed.host) ? [parsed.host] : [];
}

/** True if a canonical host is reached past the proxy: by the list, as an address, or as the engine's own machine. */
export function isDirect(host: string, list: readonly string[]): boolean {
  if (isIpv4(host) || host === engineHost) return true;
  return list.some((entry) => entry === everything || host === entry || host.endsWith(`.${entry}`));
}
