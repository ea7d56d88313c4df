/** `claude-bottle sessions`: what was kept of sessions, newest first. */
import type { Receipt } from "../../protocol/receipt.ts";
import { defineCommand } from "citty";
import { countOf, escapeForTerminal, renderJson } from "../../core/text.ts";
import { listJournal } from "../../host/journal.ts";
import { listLaterRecords, listReceipts } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { CommandData } from "../args/command-data.ts";
import { jsonArgument } from "../args/arguments.ts";
import { renderTable } from "../render/table.ts";

export const examples = [
  "claude-bottle sessions          # all past sessions",
  "claude-bottle sessions --json   # their receipts for scripts",
] as const;

export const command = defineCommand({
  meta: { name: "sessions" },
  args: { ...jsonArgument },
  async run({ args, data }) {
    const { world } = (data as CommandData).app;
    const folder = stateFolder(world);
    const [receipts, entries, later] = await Promise.all([
      listReceipts(folder),
      listJournal(folder),
      listLaterRecords(folder),
    ]);
    if (later.length > 0)
      world.stderr.write(
        `${countOf(later.length, "session")} of a later version of claude-bottle not shown.\n`,
      );
    const kept = new Set(entries.filter((entry) => entry.state === "kept").map((entry) => entry.session));
    if (args.json) {
      const all = receipts.map((receipt) => ({ ...receipt, holdsWork: kept.has(receipt.session) }));
      world.stdout.write(`${renderJson(all, 2)}\n`);
    } else if (receipts.length === 0) world.stderr.write("There are no past sessions.\n");
    else {
      const head = ["SESSION", "AGENT", "STARTED", "END", "EXIT", "BROUGHT BACK"];
      world.stdout.write(renderTable([head, ...receipts.map((one) => describe(one, kept.has(one.session)))]));
    }
  },
});

function describe(receipt: Receipt, isKept: boolean): string[] {
  const back = [
    receipt.broughtBack.length === 0 ? "" : countOf(receipt.broughtBack.length, "ref"),
    receipt.files.includes("changes.patch") ? "a patch" : "",
    isKept ? "work kept: claude-bottle pull" : "",
  ];
  const cells = [
    receipt.session,
    receipt.agent,
    receipt.startedAt,
    receipt.end === "running" && receipt.isFrozen === true ? "frozen" : receipt.end,
    receipt.exitCode === undefined ? "" : String(receipt.exitCode),
    back.filter(Boolean).join(", "),
  ];
  return cells.map(escapeForTerminal);
}
