/** What could not be collected, to be told once the section that is under way is through. */
import { sendProblem } from "./send.ts";

const maxProblems = 200;
const problems: { readonly text: string; readonly remedy: Remedy | undefined }[] = [];

/** `locked`: its owner has made it unreadable, and could make it readable again. `outside`: the bottle could save it. */
export type Remedy = "locked" | "outside";

export function tell(text: string, remedy?: Remedy): void {
  if (problems.length < maxProblems) problems.push({ text, remedy });
}

/** For a promise that must not stop the rest. */
export function remember(path: string | undefined): (error: unknown) => void {
  return (error) =>
    tell(
      `${path === undefined || path === "" ? "the workspace" : path}: ${error instanceof Error ? error.message : String(error)}`,
    );
}

export async function flushProblems(): Promise<void> {
  for (const { text, remedy } of problems.splice(0)) await sendProblem(text, remedy);
}
