/** Values that are written in one of several shapes. */
import type * as v from "valibot";

/** As valibot's union, but one that looks first: its own would not say which key of the object is wrong. */
export function chooseByType<T extends v.GenericSchema>(
  union: T,
  choose: (value: unknown) => v.GenericSchema,
): T {
  const run: T["~run"] = (dataset, config) => choose(dataset.value)["~run"](dataset, config) as never;
  return { ...union, "~run": run };
}
