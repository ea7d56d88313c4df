/**
 * A bundle of a few small objects, written by us (gitformat-bundle(5), gitformat-pack(5)): git starts two programs for it, which takes longer
 * than all else that is done for a commit or two. What is new to the user's repository is unpacked there anyway, so nothing is kept as a
 * difference to something else.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { readObjects, resolveObjects } from "./ask-git.ts";
import type { KnownObject } from "./ask-git.ts";
import type { GitPlace } from "./git.ts";
import type { FewObjects } from "./measure.ts";

/** A large file of which one line was changed is left to git, which sends the line */
const maxBytes = 1024 * 1024;
const packTypes = { commit: 1, tree: 2, blob: 3 } as const;

type PackType = keyof typeof packTypes;

/** Writes it, or returns false for what is left to git; `names` are those of refs of the place, bytes as latin1. */
export async function writeOwnBundle(
  place: GitPlace,
  file: string,
  names: readonly string[],
  { objects, boundary, isWhole }: FewObjects,
): Promise<boolean> {
  const { objectFormat = "sha1" } = place;
  const bytes = objects.reduce((sum, one) => sum + Number(one.size), 0);
  if (objectFormat !== "sha1" || !isWhole || bytes > maxBytes || !objects.every(isPlain)) return false;
  const refs = await listNew(place, names, objects);
  if (refs === undefined || refs.length === 0) return false;
  const header = ["# v2 git bundle", ...boundary.map((id) => `-${id}`), ...refs, "", ""].join("\n");
  writeFileSync(file, Buffer.concat([Buffer.from(header, "latin1"), await makePack(place, objects)]));
  return true;
}

function isPlain(object: KnownObject): object is KnownObject & { readonly type: PackType } {
  return Object.hasOwn(packTypes, object.type);
}

/** Lines for the header; without refs at commits that are no news, as git does. Undefined for one at something else. */
async function listNew(
  place: GitPlace,
  names: readonly string[],
  objects: readonly KnownObject[],
): Promise<string[] | undefined> {
  const ids = new Map(
    [...(place.refs ?? [])].map(([name, id]) => [Buffer.from(name).toString("latin1"), id]),
  );
  const fresh = new Set(objects.filter((one) => one.type === "commit").map((one) => one.id));
  const wanted = names.map((name) => ({ name, id: ids.get(name) ?? "" }));
  const old = wanted.filter(({ id }) => !fresh.has(id));
  const found = await resolveObjects(
    place,
    old.map(({ id }) => id || "none"),
  );
  if (found.some((one) => one?.type !== "commit")) return undefined;
  return wanted.flatMap(({ name, id }) => (fresh.has(id) ? [`${id} ${name}`] : []));
}

async function makePack(place: GitPlace, objects: readonly KnownObject[]): Promise<Buffer> {
  const header = Buffer.from("PACK\0\0\0\u0002\0\0\0\0", "latin1");
  header.writeUInt32BE(objects.length, 8);
  const parts: Uint8Array[] = [header];
  for (const [type, code] of Object.entries(packTypes)) {
    const ids = objects.filter((one) => one.type === type).map((one) => one.id);
    const contents = ids.length === 0 ? [] : await readObjects(place, ids, type);
    for (const content of contents) parts.push(renderSize(code, content.length), deflateSync(content));
  }
  const pack = Buffer.concat(parts);
  return Buffer.concat([pack, createHash("sha1").update(pack).digest()]);
}

/** Type and size, seven bits a byte and four in the first, the lowest first. */
function renderSize(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let left = size >> 4; left > 0; left >>= 7) {
    bytes.push(left & 127);
    bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) | 128;
  }
  return Buffer.from(bytes);
}
