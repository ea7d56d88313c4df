/** Counts by folder, and the share of changes that are to be noticed there without an engine. */
import type { Result } from "./results.ts";

/** Percent. Where a wall is decided hardly anything may go unnoticed */
const wallShare = 95;
const otherShare = 85;
const wallFolders = new Set(["sidecar/gate", "manifest", "plan", "host"]);
/** Below `src/bottle`: what each container and network is made of, and what reads back and tries whether it is so */
export const wallPlaces: readonly string[] = [
  "agent/",
  "gate/",
  "image/",
  "launch/",
  "verify/",
  "running/open-sidecar.ts",
  "running/sidecar-guard.ts",
  "compose/launching.ts",
  "docker/agent-config.ts",
  "docker/canary.ts",
  "docker/checked-create.ts",
  "docker/docker-options.ts",
  "docker/ground.ts",
  "docker/hardening.ts",
  "docker/labels.ts",
  "docker/networks.ts",
  "docker/own-counts.ts",
  "docker/prepare-ground.ts",
  "docker/read-back.ts",
  "docker/runtime.ts",
  "docker/scene.ts",
  "docker/seccomp.ts",
  "docker/sidecar-config.ts",
];

/** The folder that a file is counted in. */
export function folderOf(file: string): string {
  const isAt = (place: string) =>
    place.endsWith("/") ? file.startsWith(`src/bottle/${place}`) : file === `src/bottle/${place}`;
  if (wallPlaces.some(isAt)) return "bottle (walls)";
  const [, first = "", second = ""] = file.split("/");
  return first === "sidecar" && file.split("/").length > 3
    ? `${first}/${second}`
    : first.replace(/\.ts$/, "");
}

function shareOf(folder: string): number {
  return wallFolders.has(folder) || folder === "bottle (walls)" ? wallShare : otherShare;
}

export interface FolderCounts {
  readonly folder: string;
  readonly types: number;
  readonly tests: number;
  readonly engine: number;
  readonly unnoticed: number;
}

export function countByFolder(results: readonly Result[]): FolderCounts[] {
  const groups = Map.groupBy(results, ({ file }) => folderOf(file));
  return [...groups]
    .map(([folder, some]) => {
      const count = (by: string | null) => some.filter((one) => one.by === by).length;
      return {
        folder,
        types: count("types"),
        tests: count("tests"),
        engine: count("engine"),
        unnoticed: count(null),
      };
    })
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** Of 100, without an engine, rounded down. */
function noticedShare({ types, tests, engine, unnoticed }: FolderCounts): number {
  return Math.floor((100 * (types + tests)) / (types + tests + engine + unnoticed));
}

export function isReached(counts: FolderCounts): boolean {
  return noticedShare(counts) >= shareOf(counts.folder);
}

export function renderCounts(counts: readonly FolderCounts[]): string {
  const head = ["folder", "types", "tests", "engine", "unnoticed", "noticed", "wanted"];
  const rows = counts.map((one) => [
    one.folder,
    String(one.types),
    String(one.tests),
    String(one.engine),
    String(one.unnoticed),
    `${noticedShare(one)}%`,
    `${shareOf(one.folder)}%${isReached(one) ? "" : " missed"}`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
