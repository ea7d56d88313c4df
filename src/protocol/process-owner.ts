/** A process owner as locks and journal have it on the disk. */
import * as v from "valibot";
import type { ProcessOwner } from "../core/process-owner.ts";
import { fitJson } from "./parse.ts";

export const processOwnerSchema: v.GenericSchema<unknown, ProcessOwner> = v.object({
  bootId: v.string(),
  pid: v.number(),
  startTime: v.string(),
  machineId: v.exactOptional(v.string()),
  pidNamespace: v.exactOptional(v.string()),
});

/** Undefined for a text that is none. */
export function parseProcessOwner(text: string): ProcessOwner | undefined {
  return fitJson(processOwnerSchema, text);
}
