/** What `watch` shows of bottles that are made up, as text: the view itself, drawn into nothing. */
import { renderToString } from "ink";
import { createElement } from "react";
import type { InboxRow } from "../../../src/cli/watch/inbox.ts";
import { View } from "../../../src/cli/watch/view.ts";
import { firstState } from "../../../src/cli/watch/watch-model.ts";
import type { WatchState } from "../../../src/cli/watch/watch-model.ts";
import { notesOnHost } from "../../../src/plan/describe-ask.ts";
import type { WatchedBottle } from "../../../src/cli/watch/watched.ts";

const mebibyte = 1024 * 1024;
const start = Date.parse("2026-01-01T12:00:00Z");

/** Without the spaces at the ends of lines. */
export function renderWatchScreen(columns: number, rows: number, more: Partial<WatchState> = {}): string {
  const state = { ...firstState, bottles, inbox, screen, ...more };
  const text = renderToString(
    createElement(View, {
      state,
      onKey: () => undefined,
      hasColor: false,
      now: () => start,
      shortenPath: (path: string) => path,
      size: { columns, rows },
    }),
    { columns },
  );
  return text.replaceAll(/ +$/gm, "");
}

const bottle = (name: string, minutes: number, more: Partial<WatchedBottle>): WatchedBottle => ({
  name,
  session: name,
  agent: name.split("-")[0] ?? "",
  bottle: "shop",
  runtime: "runsc",
  state: "running",
  isOwned: true,
  createdAt: new Date(start - minutes * 60_000).toISOString(),
  workspace: "~/shop",
  soFar: { commits: 0, files: 0 },
  refused: 0,
  asks: [],
  ...more,
});

const row = (kind: InboxRow["kind"], host: string, more: Partial<InboxRow>): InboxRow => ({
  kind,
  host,
  port: 443,
  count: 0,
  reason: "",
  notes: [],
  ...more,
});

const reason = "to install leftpad";
const bottles: readonly WatchedBottle[] = [
  bottle("mender-k3f9q2", 4, {
    asks: [{ host: "packages.npmjs.org", port: 443, reason, time: "" }],
    soFar: { commits: 1, files: 2 },
    refused: 2,
    memoryBytes: 226 * mebibyte,
  }),
  bottle("reviewer-p8w2ma", 12, { activity: "working", memoryBytes: 150 * mebibyte }),
  bottle("tester-z7c1xd", 30, { activity: "waiting", soFar: { commits: 3, files: 0 }, workspace: "~/api" }),
];
const inbox: readonly InboxRow[] = [
  row("asked", "packages.npmjs.org", {
    reason,
    notes: notesOnHost("packages.npmjs.org"),
  }),
  row("blocked", "db.lan", { port: 5432, count: 1 }),
  row("blocked", "telemetry.example.org", { count: 3 }),
  row("allowed", "github.com", {}),
];
const screen = [
  "● npm says 403 Forbidden for leftpad. I ask",
  "  whether I may reach the registry.",
  "",
  "  bottle-request packages.npmjs.org …",
];
