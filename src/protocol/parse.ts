/** From what somebody else wrote to a value of a schema's type, or to nothing. */
import * as v from "valibot";

type Schema<T> = v.GenericSchema<unknown, T>;

/** What fits the schema, without what it does not know; undefined for anything else. */
export function fit<T>(schema: Schema<T>, value: unknown): T | undefined {
  const result = v.safeParse(schema, value, { abortEarly: true });
  return result.success ? result.output : undefined;
}

/** The same of a JSON text; undefined for what is no JSON as well. */
export function fitJson<T>(schema: Schema<T>, text: string): T | undefined {
  try {
    return fit(schema, JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
