/** What is seen of all bottles at one moment, in the order in which somebody looks after them. */
import type { SoFar } from "../../bottle/sessions.ts";
import { countOf } from "../../core/text.ts";
import type { ListedBottle } from "../render/list-bottles.ts";

export interface WatchedBottle extends ListedBottle {
  readonly soFar: SoFar | undefined;
}

export type Status =
  | "frozen"
  | "asks"
  | "waiting"
  | "working"
  | "idle"
  | "starting"
  | "running"
  | "ended"
  | "left over";

/** Who waits for somebody comes first */
const order: readonly Status[] = [
  "frozen",
  "asks",
  "waiting",
  "ended",
  "left over",
  "idle",
  "running",
  "working",
  "starting",
];

export function statusOf({ isOwned, state, isFrozen, asks = [], activity }: WatchedBottle): Status {
  if (!isOwned) return "left over";
  if (isFrozen) return "frozen";
  if (state === "created") return "starting";
  if (state !== "running") return "ended";
  if (asks.length > 0) return "asks";
  return activity === undefined || activity === "unknown" ? "running" : activity;
}

/** The ones that wait first, and then as they were started. */
export function sortWatched(bottles: readonly WatchedBottle[]): readonly WatchedBottle[] {
  const rank = (one: WatchedBottle) => order.indexOf(statusOf(one));
  return bottles.toSorted((a, b) => rank(a) - rank(b) || (a.createdAt < b.createdAt ? -1 : 1));
}

/** `3 running · 1 waits for you · 2 hosts blocked` */
export function renderCounts(bottles: readonly WatchedBottle[]): string {
  const waiting = bottles.filter((one) => ["frozen", "asks", "waiting"].includes(statusOf(one))).length;
  const blocked = bottles.reduce((sum, one) => sum + (one.refused ?? 0), 0);
  return [
    `${bottles.length} running`,
    waiting > 0 ? `${waiting} ${waiting === 1 ? "waits" : "wait"} for you` : undefined,
    blocked > 0 ? `${countOf(blocked, "host")} blocked` : undefined,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** `+1 commit ~2 files`, `clean`; empty where nobody knows */
export function renderSoFar(soFar: SoFar | undefined): string {
  if (!soFar) return "";
  const { commits, files } = soFar;
  const words = [
    commits > 0 ? `+${countOf(commits, "commit")}` : "",
    files > 0 ? `~${countOf(files, "file")}` : "",
  ];
  return words.filter(Boolean).join(" ") || "clean";
}
