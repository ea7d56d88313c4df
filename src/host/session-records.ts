/** What is kept of sessions: a folder each, readable by the user alone, with a receipt, the egress events and claude's own record. */
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseLaterState } from "../protocol/later-state.ts";
import type { LaterState } from "../protocol/later-state.ts";
import { parseReceipt } from "../protocol/receipt.ts";
import type { Receipt } from "../protocol/receipt.ts";
import { findText, writeAtomically } from "./files.ts";

/** Records older than this go at the next start, and the oldest ones beyond the size; see `prune` */
export const keptDays = 90;
const keptBytes = 2 * 1024 * 1024 * 1024;

const sessionPattern = /^[a-z0-9]{1,32}$/;
const dayMs = 24 * 60 * 60_000;

/** Where it is or would be. */
export function recordFolder(stateFolder: string, session: string): string {
  return join(stateFolder, "sessions", session);
}

/** Makes the record's folder with what is known, or takes over what has become known since. */
export async function writeReceipt(stateFolder: string, receipt: Receipt): Promise<void> {
  const folder = recordFolder(stateFolder, receipt.session);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeAtomically(join(folder, "receipt.json"), `${JSON.stringify(receipt, null, 2)}\n`);
}

/** Undefined if there is none or it cannot be understood. */
export async function findReceipt(stateFolder: string, session: string): Promise<Receipt | undefined> {
  if (!sessionPattern.test(session)) return undefined;
  try {
    const text = await findText(join(recordFolder(stateFolder, session), "receipt.json"));
    const receipt = parseReceipt(text ?? "");
    return receipt?.session === session ? receipt : undefined;
  } catch {
    return undefined;
  }
}

/** Records of a later version, which nobody but that one may touch. */
export async function listLaterRecords(stateFolder: string): Promise<LaterState[]> {
  const names = await readdir(join(stateFolder, "sessions")).catch(() => []);
  const texts = names.map((name) =>
    findText(join(recordFolder(stateFolder, name), "receipt.json")).catch(() => undefined),
  );
  return (await Promise.all(texts)).flatMap((text, index) => {
    const later = parseLaterState(text ?? "");
    return later !== undefined && later.session === names[index] ? [later] : [];
  });
}

/** Changes what has become known; nothing happens without a receipt. */
export async function updateReceipt(
  stateFolder: string,
  session: string,
  change: Partial<Omit<Receipt, "schema" | "session">>,
): Promise<void> {
  const receipt = await findReceipt(stateFolder, session);
  if (receipt) await writeReceipt(stateFolder, { ...receipt, ...change });
}

/** Newest first. */
export async function listReceipts(stateFolder: string): Promise<Receipt[]> {
  const names = await readdir(join(stateFolder, "sessions")).catch(() => []);
  const receipts = await Promise.all(names.map((name) => findReceipt(stateFolder, name)));
  return receipts
    .flatMap((receipt) => receipt ?? [])
    .toSorted((a, b) => (a.startedAt > b.startedAt ? -1 : 1));
}

/** Removes records that are too old, and the oldest while all together are too large; never one of `spared`. */
export async function pruneRecords(
  stateFolder: string,
  spared: ReadonlySet<string>,
  now: number,
): Promise<string[]> {
  let total = 0;
  const removed: string[] = [];
  for (const { session, startedAt } of await listReceipts(stateFolder)) {
    const folder = recordFolder(stateFolder, session);
    total += await sizeOf(folder);
    const isOld = now - Date.parse(startedAt) > keptDays * dayMs;
    if (spared.has(session) || (!isOld && total <= keptBytes)) continue;
    await rm(folder, { recursive: true, force: true });
    removed.push(session);
  }
  return removed;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (status) => (status.isFile() ? status.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
