/** `claude-bottle show`: the record of one session. */
import type { Receipt } from "../../protocol/receipt.ts";
import { defineCommand } from "citty";
import { countOf, escapeForTerminal, renderJson } from "../../core/text.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import { shortenPath } from "../../host/world.ts";
import type { CommandData } from "../args/command-data.ts";
import { jsonArgument } from "../args/arguments.ts";
import { findRecord } from "../../session/resolve/find-receipt.ts";
import { renderLedger } from "../../session/end/ledger-lines.ts";
import { renderTable } from "../render/table.ts";

export const examples = [
  "claude-bottle show k3f9q2          # what ran, what it reached, what was pulled",
  "claude-bottle show k3f9q2 --json   # its receipt",
] as const;

export const command = defineCommand({
  meta: { name: "show" },
  args: {
    session: {
      type: "positional",
      required: true,
      description: 'Id of a session as "claude-bottle sessions" shows it',
    },
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { world } = (data as CommandData).app;
    const receipt = await findRecord(world, args.session);
    if (args.json) {
      world.stdout.write(`${renderJson(receipt, 2)}\n`);
      return;
    }
    const folder = shortenPath(recordFolder(stateFolder(world), receipt.session), world);
    world.stdout.write(
      renderTable([...describe(receipt), ["record", folder]].map((row) => row.map(escapeForTerminal))),
    );
  },
});

function describe(receipt: Receipt): string[][] {
  const { versions } = receipt;
  const rows: string[][] = [
    ["session", `${receipt.session}, bottle ${receipt.bottleName}`],
    ["agent", `${receipt.agent} in ${receipt.bottle}`],
    ["started", receipt.startedAt],
    [
      "ended",
      `${receipt.endedAt ?? "not yet"} (${receipt.end}${receipt.exitCode === undefined ? "" : `, exit code ${receipt.exitCode}`})`,
    ],
    ["image", `${receipt.image}, claude ${versions.claude}, claude-bottle ${versions.claudeBottle}`],
    ["runtime", `${receipt.runtime}, engine ${versions.engine}`],
    ["policy", receipt.policyDigest],
    ["secrets", receipt.secrets.join(", ") || "none"],
    ...renderLedger(receipt.ledger ?? []).map((row) => ["", row.join("  ")]),
    ["reached", receipt.reached.join(", ") || "nothing"],
    ["refused", receipt.refused.join(", ") || "nothing"],
  ];
  if (receipt.workspace !== undefined) rows.push(["workspace", receipt.workspace]);
  if (receipt.note !== undefined) rows.push(["note", receipt.note]);
  for (const ref of receipt.broughtBack)
    rows.push(["brought back", `${ref.ref}  ${countOf(ref.commits, "commit")}`]);
  if (receipt.files.length > 0) rows.push(["files", receipt.files.join(", ")]);
  const { changed = [], removed = [] } = receipt.memory ?? {};
  if (changed.length + removed.length > 0)
    rows.push(["memory", `${changed.length} changed, ${removed.length} removed`]);
  for (const problem of receipt.problems) rows.push(["not pulled", problem]);
  return rows;
}
