/** Amounts of bytes as people write them where some kilobytes matter: `500kb`, `20mb`, `1.5gb`. */

const units: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Undefined for what is none. The unit is a power of 1024. */
export function parseAmount(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?)([kmg])(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(digits) * (units[unit.toLowerCase()] ?? 0));
  return bytes > 0 ? bytes : undefined;
}
