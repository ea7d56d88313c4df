/** The records of a pax header: `length key=value\n`, where the length counts the whole record in bytes. Keys and values are byte strings. */
import { BrokenArchive } from "./tar-item.ts";

const longestLength = 12;

/** Throws for records that are not of that form: what stands after them would be read as something else. */
export function parsePax(bytes: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let start = 0; start < bytes.length;) {
    const digits = /^\d+ /.exec(bytes.toString("latin1", start, start + longestLength))?.[0];
    const end = start + Number(digits);
    const record = digits === undefined ? "" : bytes.toString("latin1", start + digits.length, end - 1);
    const equals = record.indexOf("=");
    if (digits === undefined || equals < 1 || end > bytes.length || bytes[end - 1] !== 10)
      throw new BrokenArchive("a pax header in it is broken");
    found.set(record.slice(0, equals), record.slice(equals + 1));
    start = end;
  }
  return found;
}

export function renderPax(records: ReadonlyMap<string, string>): Buffer {
  return Buffer.from([...records].map(([key, value]) => renderRecord(key, value)).join(""), "latin1");
}

function renderRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  // The length counts its own digits
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}
