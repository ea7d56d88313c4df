/**
 * What this machine keeps of one session: the journal's entry, the receipt, the lock and the screen. Nothing else writes these files, and
 * each change of state is a method with its name. `test/unit/session/store` holds the rest of the source to it.
 */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { removeDrafts } from "../../host/files.ts";
import { listJournal, removeJournal, withSessionLock, writeJournal } from "../../host/journal.ts";
import { keepScreen } from "../../host/screen-file.ts";
import {
  findReceipt,
  pruneRecords,
  recordFolder,
  updateReceipt,
  writeReceipt,
} from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { ScreenState } from "../../host/terminal-filter/screen-state.ts";
import type { World } from "../../host/world.ts";

type ReceiptChange = Partial<Omit<Receipt, "schema" | "session" | "end">>;

export class StoredSession {
  readonly session: string;
  readonly #folder: string;
  readonly #pid: number;
  #entry: JournalEntry;
  #frozen: Promise<void> = Promise.resolve();

  /** Of a session that has an entry, or is about to get it; see `beginSession`. */
  constructor(world: World, entry: JournalEntry) {
    this.session = entry.session;
    this.#folder = stateFolder(world);
    this.#pid = world.pid;
    this.#entry = entry;
  }

  /** As it was written last, or would have been. */
  get entry(): JournalEntry {
    return this.#entry;
  }

  /** Before the first object exists. A state folder that cannot be written ends the start here. */
  async markStarting(): Promise<void> {
    await writeJournal(this.#folder, this.#entry);
  }

  /**
   * The bottle is there, and from now on there may be work in it: both files are on the disk before claude runs. Old records make room
   * beside that.
   */
  async markRunning(receipt: Receipt): Promise<void> {
    this.#entry = { ...this.#entry, state: "running" };
    await Promise.all([writeJournal(this.#folder, this.#entry), writeReceipt(this.#folder, receipt)]);
    this.#makeRoom().catch(() => undefined);
  }

  /** The work stays where it is, and the user has to see to it. Never rejects. */
  async markKept(problem: string): Promise<void> {
    await this.#note({ ...this.#entry, state: "kept", problem });
  }

  /** All of the work is on this machine, and may go from the platform. Never rejects. */
  async markBrought(): Promise<void> {
    await this.#note({ ...this.#entry, state: "brought" });
  }

  /** Nothing is left to look after: the entry goes, and the screen with it. The record stays. */
  async forget(): Promise<void> {
    await removeJournal(this.#folder, this.session);
  }

  /** What was pulled, of a bottle that goes on or has ended. */
  async noteWork(change: ReceiptChange): Promise<void> {
    await updateReceipt(this.#folder, this.session, change);
  }

  /** The bottle goes on, or stands still. The one that is told last is what is kept. Never rejects. */
  noteFrozen(isFrozen: boolean): Promise<void> {
    const note = () => updateReceipt(this.#folder, this.session, { isFrozen });
    this.#frozen = this.#frozen.then(note).catch(() => undefined);
    return this.#frozen;
  }

  async noteEnded(change: ReceiptChange): Promise<void> {
    await this.#frozen;
    await updateReceipt(this.#folder, this.session, { end: "ended", endedAt: now(), ...change });
  }

  /** Nobody saw how it ended. */
  async noteLost(change: ReceiptChange = {}): Promise<void> {
    await updateReceipt(this.#folder, this.session, { end: "lost", endedAt: now(), ...change });
  }

  findReceipt(): Promise<Receipt | undefined> {
    return findReceipt(this.#folder, this.session);
  }

  /** Files that a launcher which was killed has not finished. */
  async removeDrafts(): Promise<void> {
    await removeDrafts(recordFolder(this.#folder, this.session));
  }

  /** Writes down what claude has switched on at its terminal, until the function that is returned resolves. */
  keepScreen(screen: ScreenState | undefined): () => Promise<void> {
    return keepScreen(this.#folder, this.session, screen);
  }

  /** Runs `work` unless another process has a hand on the session; then undefined. */
  inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    return withSessionLock(this.#folder, this.session, this.#pid, work);
  }

  async #note(entry: JournalEntry): Promise<void> {
    this.#entry = entry;
    await writeJournal(this.#folder, entry).catch(() => undefined);
  }

  async #makeRoom(): Promise<void> {
    const spared = new Set((await listJournal(this.#folder)).map((one) => one.session));
    await pruneRecords(this.#folder, spared, Date.now());
  }
}

/** Work that somebody removed from the platform by hand cannot be pulled any more. */
export async function forgetSession(world: World, session: string): Promise<void> {
  await removeJournal(stateFolder(world), session);
}

function now(): string {
  return new Date().toISOString();
}
