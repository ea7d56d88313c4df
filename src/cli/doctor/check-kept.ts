/** The doctor's word on what the engine keeps for later sessions: what setups have made, and data of services. */
import type { CheckResult } from "../../bottle/diagnosis.ts";
import { messageOf } from "../../core/error.ts";
import { countOf, escapeForTerminal, renderBytes } from "../../core/text.ts";
import type { App } from "../../session/app.ts";

type Named = Pick<CheckResult, "name" | "title">;
type Sized = readonly { readonly bytes?: number | undefined }[];

/** Nothing where there is nothing of it. */
export async function checkKept(app: App): Promise<CheckResult[]> {
  const bottles = await app.openBottles();
  const found = await Promise.all([
    check({ name: "setups", title: "Setups" }, async () => {
      const trees = await bottles.listTrees({ hasSizes: true });
      const detail = `what ${countOf(trees.length, "setup")} made is kept: ${sumOf(trees)}; "claude-bottle cleanup --setups" removes it`;
      return trees.length === 0 ? undefined : detail;
    }),
    check({ name: "data", title: "Data" }, async () => {
      const data = await bottles.findKeptData();
      const detail = `${countOf(data.length, "volume")} of services kept that no bottle uses: ${sumOf(data)}; "claude-bottle cleanup --data" removes them for good`;
      return data.length === 0 ? undefined : detail;
    }),
  ]);
  return found.flat();
}

async function check(named: Named, look: () => Promise<string | undefined>): Promise<CheckResult[]> {
  try {
    const detail = await look();
    return detail === undefined ? [] : [{ ...named, verdict: "ok", detail }];
  } catch (error) {
    return [{ ...named, verdict: "skipped", detail: escapeForTerminal(messageOf(error)) }];
  }
}

function sumOf(all: Sized): string {
  return renderBytes(all.reduce((sum, one) => sum + (one.bytes ?? 0), 0));
}
