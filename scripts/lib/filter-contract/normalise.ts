/** Takes out of texts what is another at every run: ports, folders, times, numbers of requests, hashes. */

/** Text → what stands for it; the longest first */
export type Names = Readonly<Record<string, string>>;

/** A line of text. */
export function normaliseText(text: string, names: Names): string {
  let result = text;
  const known = Object.entries(names).toSorted(([a], [b]) => b.length - a.length);
  for (const [value, name] of known) {
    // A port is one only where it stands alone
    const pattern = /^\d+$/.test(value) ? new RegExp(`(?<!\\d)${value}(?!\\d)`, "g") : value;
    result = result.replaceAll(pattern, `{${name}}`);
  }
  return (
    result
      // Which of them a name means first is the machine's business
      .replaceAll(/\[::1\](?=:\{)/g, "{loopback}")
      .replaceAll(/(?<=(?:internal IP|tcp) )(?:127\.0\.0\.1|::1)(?![\d:])/g, "{loopback}")
      .replaceAll(/(?<=->127\.0\.0\.1:)\d+/g, "{client}")
      .replaceAll(
        /(lookup \S+)(?: on \S+)?: (?:no such host|server misbehaving|i\/o timeout)/g,
        "$1: no such host",
      )
      .replaceAll(/(.)\1{99,}/g, (run, one: string) => `{${run.length} x ${one}}`)
      .replaceAll(/(?<="uptime_seconds":)[\d.e-]+/g, "0")
      .replaceAll(/(?<=remaining |after )[\d.]+(?:ms|s)\b/g, "{time}")
  );
}

/** Fields of events that say when, how long and in which order */
const passing = new Set(["time", "request_id", "duration_ms", "uptime_seconds"]);
/** Known by its first letters as the hash of what was written */
const hashes = new Set(["config_hash"]);

/** A line of the log as JSON with the keys in their order, or as text. */
export function normaliseEvent(line: string, names: Names): string {
  const event = parse(line);
  if (!event) return normaliseText(line, names);
  const kept = Object.entries(event)
    .filter(([key]) => !passing.has(key))
    .map(([key, value]) => [key, hashes.has(key) ? "{hash}" : value]);
  return normaliseText(JSON.stringify(Object.fromEntries(kept)), names);
}

export function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
