/** Words of the commands that change a running bottle: a host and a time, checked before anything is asked for. */
import { BottleError } from "../../core/error.ts";
import { parseHostPattern } from "../../core/host-name.ts";
import { quote } from "../../core/text.ts";

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A grant for longer belongs into the manifest */
const longestMs = 7 * 86_400_000;

/** The canonical form of a host as the manifest takes it. Throws for anything else. */
export function readHost(text: string): string {
  const parsed = parseHostPattern(text);
  if (parsed.ok) return parsed.host;
  throw new BottleError({
    code: "usage",
    message: `Cannot use ${quote(text)} as a host: ${parsed.problem}`,
    hint: 'Write a name such as "example.com" or "*.example.com".',
  });
}

/** As `readHost`, and a port after it. Throws for what is neither. */
export function readHostAndPort(text: string): { readonly host: string; readonly port: number | undefined } {
  const [, host = text, digits] = /^([^:]*):(\d{1,5})$/.exec(text) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port === undefined || (port > 0 && port < 65_536)) return { host: readHost(host), port };
  throw new BottleError({
    code: "usage",
    message: `Cannot use ${quote(text)}: ${port} is not a port`,
    hint: "Write a port from 1 to 65535, or the host alone.",
  });
}

/** `90s`, `30m`, `2h`, `1d` in milliseconds. `example` is what could have been typed. */
export function readDuration(text: string, example: string): number {
  const [, amount = "", unit = ""] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (unitMs[unit] ?? 0);
  if (milliseconds > 0 && milliseconds <= longestMs) return milliseconds;
  throw new BottleError({
    code: "usage",
    message: `Cannot use ${quote(text)} as a time: it must be a number with s, m, h or d, and at most 7d`,
    hint: `Write ${example}.`,
  });
}
