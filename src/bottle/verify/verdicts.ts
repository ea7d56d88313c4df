/** From what the probe answered and what the canaries heard to one verdict per way out. */
import { countOf, escapeForTerminal } from "../../core/text.ts";
import type { ProbeVerdict } from "../bottle.ts";
import type { Probe } from "./probe.ts";

/** What says that a program is missing in the image, not that a way is closed */
const missingProgram = "ENOENT";

/** `answers` by task; `heardBy` names the canary that heard a text. */
export function judge(
  probe: Probe,
  answers: ReadonlyMap<string, string>,
  heardBy: (text: string) => string | undefined,
): ProbeVerdict {
  const { name, title } = probe;
  const heard = probe.token === undefined ? undefined : heardBy(probe.token);
  if (heard !== undefined) return { name, title, verdict: "leak", detail: `${heard} heard it` };
  const leak = probe.tasks.find(
    (task) => answers.has(task.name) && probe.isLeak(answers.get(task.name) ?? ""),
  );
  const isPerl = probe.tasks.every((task) => task.kind === "perl");
  if (leak)
    return {
      name,
      title,
      verdict: "leak",
      detail: escapeForTerminal(`${leak.name}: ${answers.get(leak.name)}`).slice(0, 200),
    };
  // A program that ended before it could say anything has tried nothing
  const silent = probe.tasks.filter(({ kind, name: task }) =>
    kind === "perl" ? !answers.get(task) : !answers.has(task),
  );
  if (silent.length > 0)
    return {
      name,
      title,
      verdict: "unknown",
      detail: `no outcome of ${silent.length} of ${probe.tasks.length} tries`,
    };
  if (isPerl && probe.tasks.some((task) => answers.get(task.name) === missingProgram)) {
    return { name, title, verdict: "not tried", detail: "the image has no perl" };
  }
  const outcomes = [...new Set(probe.tasks.map((task) => shorten(answers.get(task.name) ?? "")))];
  const tries = countOf(probe.tasks.length, "try", "tries");
  const witness = probe.token === undefined ? "" : ", no canary heard anything";
  return {
    name,
    title,
    verdict: "closed",
    detail: escapeForTerminal(`${tries}: ${outcomes.slice(0, 4).join(", ")}${witness}`),
  };
}

function shorten(outcome: string): string {
  return outcome.length > 40 ? `${outcome.slice(0, 40)}…` : outcome;
}
