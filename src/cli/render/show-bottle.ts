/** What `info` shows of a running bottle: its name, and where the secrets in its sidecar were used. */
import type { RunningBottle } from "../../bottle/bottle.ts";
import { makeLedger } from "../../core/secret-ledger.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { App } from "../../session/app.ts";
import { findOwn } from "../../session/resolve/choose-bottle.ts";
import { renderLedger } from "../../session/end/ledger-lines.ts";
import { readRunningEgress } from "../../session/resolve/session-egress.ts";
import { renderTable } from "./table.ts";

/** False if the name is not a bottle's, or if there is no engine; the caller then reports an unknown agent. */
export async function showBottle(app: App, typed: string): Promise<boolean> {
  const bottles = await app.openBottles();
  const running = await bottles.list().catch(() => []);
  const bottle = findOwn(running, typed);
  if (!bottle) return false;
  const notes = (await readRunningEgress(app, bottle.session)).flatMap(({ secret }) => secret ?? []);
  app.world.stdout.write(renderBottle(bottle, renderLedger(makeLedger(notes))));
  return true;
}

function renderBottle(bottle: RunningBottle, ledger: readonly (readonly string[])[]): string {
  const rows = [
    ["bottle", `${bottle.name}, from ${bottle.bottle}`],
    ["agent", bottle.agent],
    ["runtime", bottle.runtime],
    ["started", bottle.createdAt],
    ["secrets", ledger.length === 0 ? "none has been used yet" : "as the sidecar holds them, in UTC:"],
  ];
  const escape = (row: readonly string[]) => row.map(escapeForTerminal);
  const indented = renderTable(ledger.map(escape)).replaceAll(/^(?=.)/gm, "  ");
  return renderTable(rows.map(escape)) + (ledger.length === 0 ? "" : indented);
}
