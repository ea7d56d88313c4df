/** Unchecked values of a manifest, for checks that pass over what has not the right shape. */

export type Fields = Readonly<Record<string, unknown>>;

/** The value if it is an object, and one without fields otherwise. */
export function asObject(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The value if it is a list, and an empty one otherwise. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
