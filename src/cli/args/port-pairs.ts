/** Ports of a bottle and of this machine, as `port` takes them. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";

export interface PortPair {
  /** In the bottle */
  readonly inside: number;
  /** On this machine */
  readonly outside: number;
}

/** `3000` is the same on both sides, `3000:8080` the bottle's 3000 on this machine's 8080. */
export function readPortPair(text: string): PortPair {
  const [, inside = "", outside = inside] = /^([1-9]\d{0,4})(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  const pair = { inside: Number(inside), outside: Number(outside) };
  if (inside !== "" && pair.inside < 65_536 && pair.outside < 65_536) return pair;
  throw new BottleError({
    code: "usage",
    message: `Cannot use ${quote(text)} as a port`,
    hint: "Write 3000, or 3000:8080 for the bottle's port 3000 on this machine's port 8080.",
  });
}
