/** Archives by chance that a seed decides: what an agent could send in place of what was asked for. */
import { makeRandom } from "../../scripts/lib/chaos/random.ts";
import { renderNote } from "../../src/archive/notes.ts";
import { endOfArchive, renderRaw } from "./hostile-tar.ts";
import type { RawMember } from "./hostile-tar.ts";

type Pick = <T>(items: readonly T[]) => T;

/** Few, so that they meet each other and what is there already */
const parts = ["a", "b", "A", "dir", "link", "user", "file", "away", "up", ".git", "\xff", "e\u001b", "n\nl"];
const oddParts = ["..", ".", "", "...", "\0", "x".repeat(300), ".GIT", "r"];
const types = [
  "0",
  "0",
  "0",
  "5",
  "5",
  "2",
  "2",
  "2",
  "2",
  "1",
  "1",
  "3",
  "4",
  "6",
  "7",
  "\0",
  "S",
  "D",
  "V",
  "x",
  "N",
];

export interface GeneratedArchive {
  readonly members: readonly RawMember[];
  readonly bytes: Buffer;
}

/** `outside` is a folder that it tries to reach, with a file `secret` in it. */
export function generateArchive(seed: number, outside: string): GeneratedArchive {
  const random = makeRandom(seed);
  const pick: Pick = (items) => items[Math.floor(random() * items.length)] as never;
  const members = Array.from({ length: 1 + Math.floor(random() * 25) }, () =>
    generateMember(random, pick, outside),
  );
  const pieces: Buffer[] = [];
  for (const member of members) {
    pieces.push(renderRaw(member));
    if (random() < 0.05) pieces.push(renderNote({ note: "spoilt" }));
  }
  const whole = Buffer.concat([...pieces, endOfArchive]);
  // Most as they are; some broken off, some with a byte changed
  const kind = random();
  if (kind < 0.15) return { members, bytes: whole.subarray(0, Math.floor(random() * whole.length)) };
  if (kind < 0.25) whole[Math.floor(random() * whole.length)] = Math.floor(random() * 256);
  return { members, bytes: whole };
}

function generateMember(random: () => number, pick: Pick, outside: string): RawMember {
  const type = pick(types);
  const name = generateName(random, pick, outside);
  const linkTarget =
    type === "1"
      ? generateName(random, pick, outside)
      : type === "2"
        ? generateTarget(random, pick, outside)
        : "";
  const pax: Record<string, string> = {};
  // The same by another way, past what the header itself says
  if (random() < 0.2) pax["path"] = generateName(random, pick, outside);
  if (random() < 0.2 && linkTarget !== "") pax["linkpath"] = generateTarget(random, pick, outside);
  if (random() < 0.1) pax["mtime"] = pick(["-1", "1e30", "nan", "99999999999999", "0.5"]);
  if (random() < 0.05) pax["GNU.sparse.name"] = generateName(random, pick, outside);
  const isFile = ["0", "7", "\0", "S"].includes(type);
  return {
    name,
    type,
    linkTarget,
    // Whoever tries them must be able to look and to clean up
    mode: pick([0o755, 0o700, 0o4777, 0o2777, 0o1777, 0o7777]),
    ...(isFile && { content: pick(["", "hostile", "h".repeat(2_000)]) }),
    ...(random() < 0.01 && { size: pick([1, 2 ** 34, 2 ** 50]) }),
    ...(Object.keys(pax).length > 0 && { pax }),
  };
}

function generateName(random: () => number, pick: Pick, outside: string): string {
  if (random() < 0.05) return `${outside}/${pick(parts)}`;
  return [...(random() < 0.95 ? ["r"] : []), ...generateParts(random, pick, 0.06)].join("/");
}

function generateTarget(random: () => number, pick: Pick, outside: string): string {
  const kind = random();
  if (kind < 0.1) return `${outside}/secret`;
  if (kind < 0.2) return outside;
  if (kind < 0.5)
    return [...Array.from({ length: Math.floor(random() * 5) }, () => ".."), pick(parts)].join("/");
  return generateParts(random, pick, 0.3).join("/");
}

function generateParts(random: () => number, pick: Pick, odd: number): string[] {
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(random() < odd ? oddParts : parts));
}
