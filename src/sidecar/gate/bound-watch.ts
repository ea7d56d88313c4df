/** Looks for placeholders where nothing is put in: they are worth nothing there, and whoever sends one is worth a line. */

/** A placeholder by the name of its secret. */
export interface WatchedPlaceholder {
  readonly name: string;
  readonly placeholder: string;
}

/** Names of the secrets whose placeholder stands in a header or an address, also as part of Basic or percent-encoded. */
export function findPlaceholders(text: string, watched: readonly WatchedPlaceholder[]): string[] {
  const texts = [text, decodePercent(text), ...decodeBasic(text)];
  return watched.flatMap(({ name, placeholder }) =>
    texts.some((one) => one.includes(placeholder)) ? [name] : [],
  );
}

/** Calls back once for each secret whose placeholder comes by in a body, also when it is split over chunks. */
export function watchBody(
  watched: readonly WatchedPlaceholder[],
  onFound: (name: string) => void,
): (chunk: Buffer) => void {
  let missing = watched.map(({ name, placeholder }) => ({ name, bytes: Buffer.from(placeholder) }));
  const longest = Math.max(0, ...missing.map((one) => one.bytes.length));
  let tail: Buffer = Buffer.alloc(0);
  return (chunk) => {
    if (missing.length === 0) return;
    const bytes = Buffer.concat([tail, chunk]);
    missing = missing.filter(({ name, bytes: wanted }) => {
      const isFound = bytes.includes(wanted);
      if (isFound) onFound(name);
      return !isFound;
    });
    tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - longest + 1)));
  };
}

function decodePercent(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_code, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** The text after every `Basic`, in a header's value or in a whole head. */
function decodeBasic(text: string): string[] {
  return [...text.matchAll(/\bbasic +([A-Za-z0-9+/=_-]+)/gi)].map((match) =>
    Buffer.from(match[1] ?? "", "base64").toString("latin1"),
  );
}
