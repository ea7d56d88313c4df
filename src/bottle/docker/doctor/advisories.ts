/** Known holes in what an engine is made of, by the versions that close them, and what each means for a bottle. */

export type ComponentName = "engine" | "containerd" | "runc" | "Docker Desktop";

export interface Advisory {
  readonly component: ComponentName;
  readonly id: string;
  /** First good version of each release line; what is newer than all of them is good */
  readonly fixed: readonly string[];
  /** What it lets somebody do, and what a bottle has against it */
  readonly effect: string;
}

const advisories: readonly Advisory[] = [
  {
    component: "engine",
    id: "CVE-2024-29018",
    fixed: ["23.0.11", "25.0.5", "26.0.0"],
    effect: "names leak out of internal networks; bottles ask no resolver, so it does not reach them",
  },
  {
    component: "engine",
    id: "CVE-2026-41567, CVE-2026-41568, CVE-2026-42306",
    fixed: ["29.5.1"],
    effect: "copying files into a running container can run its code as root; bottles are filled another way",
  },
  {
    component: "containerd",
    id: "CVE-2024-40635",
    fixed: ["1.6.38", "1.7.27", "2.0.4"],
    effect: "a too large user id becomes root; bottles have ids below 100000",
  },
  {
    component: "runc",
    id: "CVE-2024-21626",
    fixed: ["1.1.12"],
    effect: "an image can lead its process to the host's files",
  },
  {
    component: "runc",
    id: "CVE-2025-31133, CVE-2025-52565, CVE-2025-52881",
    fixed: ["1.2.8", "1.3.3", "1.4.0"],
    effect: "an image or a mount made for it can write to the host's /proc",
  },
  {
    component: "Docker Desktop",
    id: "CVE-2025-9074",
    fixed: ["4.44.3"],
    effect: "any container can reach the engine's API and so this machine",
  },
  {
    component: "Docker Desktop",
    id: "CVE-2026-6406",
    fixed: ["4.59.0"],
    effect: "Enhanced Container Isolation can be got around",
  },
];

/** The advisories that a version is too old for; none for a version that is no number. */
export function findAdvisories(
  component: ComponentName,
  version: string,
  table: readonly Advisory[] = advisories,
): Advisory[] {
  const numbers = parseVersion(version);
  if (!numbers) return [];
  return table.filter((one) => one.component === component && !isFixed(numbers, one.fixed));
}

/** Newest version that a component needs to be free of everything in the table. */
export function newestFix(found: readonly Advisory[]): string {
  const all = found.flatMap((one) => one.fixed.at(-1) ?? []);
  return all.toSorted((a, b) => compare(parseVersion(a) ?? [], parseVersion(b) ?? [])).at(-1) ?? "";
}

function isFixed(version: readonly number[], fixed: readonly string[]): boolean {
  const fixes = fixed.flatMap((one) => {
    const parsed = parseVersion(one);
    return parsed ? [parsed] : [];
  });
  const isNewest = fixes.every((fix) => compare(version, fix) >= 0);
  const ofLine = fixes.find((fix) => fix[0] === version[0] && fix[1] === version[1]);
  return isNewest || (ofLine !== undefined && compare(version, ofLine) >= 0);
}

/** `v1.7.27`, `1.1.5+ds1-1`, `20.10.24+dfsg1`: what distributors add does not count */
function parseVersion(text: string): number[] | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? match.slice(1).map((part) => Number(part ?? 0)) : undefined;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < 3; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
