/** The doctor's word on what setups have made and the engine keeps. */
import type { CheckResult } from "../../bottle/diagnosis.ts";
import { messageOf } from "../../core/error.ts";
import { countOf, escapeForTerminal, renderBytes } from "../../core/text.ts";
import type { App } from "../../session/app.ts";

/** Nothing where there is nothing of it. */
export async function checkSetups(app: App): Promise<CheckResult[]> {
  const common = { name: "setups", title: "Setups" };
  try {
    const trees = await (await app.openBottles()).listTrees({ hasSizes: true });
    if (trees.length === 0) return [];
    const bytes = trees.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
    const detail = `what ${countOf(trees.length, "setup")} made is kept: ${renderBytes(bytes)}; "claude-bottle cleanup --setups" removes it`;
    return [{ ...common, verdict: "ok", detail }];
  } catch (error) {
    return [{ ...common, verdict: "skipped", detail: escapeForTerminal(messageOf(error)) }];
  }
}
