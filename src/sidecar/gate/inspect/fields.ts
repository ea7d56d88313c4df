/** The named parts of an address and of a body, for what is split over them and for the words that say where something was found. */

/** A value and where it stands. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

const mostFields = 2_000;
const mostDepth = 64;

/** Of a query or a form, in their order. */
export function listPairs(text: string): Field[] {
  return text
    .split(/[&;]/, mostFields)
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", ...rest] = pair.split("=");
      return { name: readPercent(name), value: readPercent(rest.join("=")) };
    });
}

/** Segments of a path, read. */
export function listSegments(path: string): Field[] {
  return path.split("/", mostFields).map((part) => ({ name: "path", value: readPercent(part) }));
}

/** Of a whole body, as its type says; none of what cannot be read so. */
export function listBodyFields(body: Buffer, type: string): Field[] {
  if (/\bjson\b/i.test(type) || body[0] === 0x7b || body[0] === 0x5b) return listJson(body);
  if (/x-www-form-urlencoded/i.test(type)) return listPairs(body.toString("latin1"));
  const boundary = /^multipart\/[^;]*;.*?boundary="?([^";]{1,80})"?/i.exec(type)?.[1];
  return boundary === undefined ? [] : listParts(body.toString("latin1"), boundary);
}

/** Strings, with paths such as `$.messages[0].content`. */
function listJson(body: Buffer): Field[] {
  const fields: Field[] = [];
  const walk = (value: unknown, name: string, level: number): void => {
    if (fields.length >= mostFields || level > mostDepth) return;
    if (typeof value === "string") fields.push({ name, value: toBytes(value) });
    else if (Array.isArray(value))
      for (const [index, one] of value.entries()) walk(one, `${name}[${index}]`, level + 1);
    else if (typeof value === "object" && value !== null)
      for (const [key, one] of Object.entries(value)) walk(one, `${name}.${key}`, level + 1);
  };
  try {
    walk(JSON.parse(body.toString("utf8")), "$", 0);
  } catch {
    // Several values a line apart, or none at all: it is looked at as it is
  }
  return fields;
}

function listParts(text: string, boundary: string): Field[] {
  return text
    .split(`--${boundary}`, mostFields)
    .slice(1)
    .flatMap((part) => {
      const at = part.indexOf("\r\n\r\n");
      if (at < 0) return [];
      const name = /name="([^"]{0,200})"/i.exec(part.slice(0, at))?.[1] ?? "";
      return [{ name, value: part.slice(at + 4).replace(/\r\n$/, "") }];
    });
}

function readPercent(text: string): string {
  return text
    .replaceAll("+", " ")
    .replaceAll(/%([0-9a-f]{2})/gi, (_code, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
}

/** One character a byte, as everything is looked at. */
function toBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
