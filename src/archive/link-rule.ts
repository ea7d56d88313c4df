/**
 * Whether a link stays in its folder, whatever other links there are. A target is a way up through folders that are no links, and then
 * names: each name leads on by a link that obeys the same rule, or not at all. A ".." after a name could leave a link's far end instead.
 */
import { quoteName } from "./byte-names.ts";

/** No call of the file system takes a longer target */
const longestTarget = 4_095;

/** What is wrong with any link. */
export function findTargetFault(target: string): string | undefined {
  const isPath = target !== "" && !target.includes("\0") && target.length <= longestTarget;
  return isPath ? undefined : `${describe(target)}, which is not a path`;
}

/** What is wrong with a link; `parts` is its own place below the root. Undefined if it stays inside. */
export function findWayOutside(parts: readonly string[], target: string): string | undefined {
  const to = describe(target);
  if (parts.length === 0) return `${to} in the place of what was asked for`;
  if (target.startsWith("/")) return `${to}, which is an absolute path`;
  const steps = target.split("/").filter((step) => step !== "" && step !== ".");
  const firstName = steps.findIndex((step) => step !== "..");
  const ups = firstName < 0 ? steps.length : firstName;
  if (ups > parts.length - 1) return `${to}, which is outside of what is copied`;
  if (steps.includes("..", ups)) return `${to}, which goes up after a name and may lead out`;
  return undefined;
}

function describe(target: string): string {
  return `it is a link to ${quoteName(target)}`;
}
