/** Bytes that are written as numbers, as programs print them, and texts that mail has made plain. */

/** Hex alone, with signs between, or as C has it; and lists of decimal numbers, as JSON has them */
const hexRuns =
  /(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}){12,}(?![0-9a-fA-F])|[0-9a-fA-F]{2}(?:[: -][0-9a-fA-F]{2}){11,}|0x[0-9a-fA-F]{1,2}(?:, ?0x[0-9a-fA-F]{1,2}){11,}/g;
const decimalRuns = /(?<![\d.])\d{1,3}(?:,[ \r\n]{0,20}\d{1,3}){11,}(?![\d.])/g;
const quoted = /=(?:\r?\n|[0-9A-F]{2})/;

/** All that may be bytes, by how it is written. */
export function readNumbers(text: string): [hex: Buffer[], decimal: Buffer[]] {
  const hex = [...text.matchAll(hexRuns)].map(([run]) => readHexRun(run));
  const decimal = [...text.matchAll(decimalRuns)].map(([run]) => Buffer.from(run.split(",").map(Number)));
  return [hex, decimal];
}

function readHexRun(run: string): Buffer {
  if (!run.startsWith("0x")) return Buffer.from(run.replaceAll(/[: -]/g, ""), "hex");
  return Buffer.from(run.split(",").map((one) => Number.parseInt(one, 16)));
}

/** RFC 2045, 6.7; nothing if there is none of it. */
export function readQuotedPrintable(text: string): Buffer[] {
  if (!quoted.test(text)) return [];
  const read = text
    .replaceAll(/=\r?\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/g, (_code, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  return [Buffer.from(read, "latin1")];
}
