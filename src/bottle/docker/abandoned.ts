/** Whose an object is that nobody may be looking after any more. */
import { parseOwner } from "../../core/process-owner.ts";
import type { IsAlive } from "../../core/process-owner.ts";
import { labelKeys, labelSchema } from "./labels.ts";
import type { Labels } from "./labels.ts";

/** True if its launcher is gone. Never for an object of a later version. */
export async function isAbandoned(labels: Labels, isAlive: IsAlive): Promise<boolean> {
  if (labels[labelKeys.schema] !== labelSchema) return false;
  const owner = parseOwner(labels[labelKeys.owner]);
  return owner !== undefined && !(await isAlive(owner));
}
