/**
 * Puts members where they belong. Each file is written under a name of its own and then renamed, so that nothing half-made has a final
 * name. Links are made last: until then there is none that a name could lead through, and none that is there already is followed.
 */
import { linkSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { folderOf, joinNames, quoteName, toBytes } from "./byte-names.ts";
import type { Verdict } from "./check-member.ts";
import { codeOf, DiskTrouble, Refusal, toRefusal } from "./file-trouble.ts";
import { settleFolders } from "./made-folders.ts";
import type { MadeFolder } from "./made-folders.ts";
import { findWayOut, setLinkTime } from "./made-links.ts";
import type { CopyProblem, Member, MemberItem } from "./tar-item.ts";
import { renderBytes } from "../core/text.ts";
import { writeDraft } from "./write-draft.ts";

export type Accepted = Extract<Verdict, { verdict: "accepted" }>;

/** Where accepted members go. */
export interface MemberSink {
  /** Throws a `Refusal` for what cannot be done with this one, and anything else for what ends the copy */
  add(accepted: Accepted, item: MemberItem): Promise<void>;
  /** The content of the last file was not what it was to be */
  spoil(): Promise<void>;
  /** Gives what could not be done at the end, by names below the root */
  finish(): Promise<readonly CopyProblem[]>;
  /** Nothing unfinished stays */
  abandon(): Promise<void>;
}

export interface TreeOptions {
  /** Absolute path for the root: the folder that it is in exists, and no part of that path is a link */
  readonly at: string;
  /** Bits that no mode keeps, beside those that change a user */
  readonly mask: number;
  /** `inside`: a link is also looked at with what is there already */
  readonly links: "inside" | "any";
  /** Room that there is for a file; undefined if nobody knows */
  freeBytes(): Promise<number | undefined>;
}

interface Draft {
  readonly key: string;
  readonly draft: string;
  readonly path: string;
  readonly isHardLink?: boolean;
}

/** Whether there is room is looked up for larger ones only */
const largeFile = 16 * 1024 * 1024;

export class TreeWriter implements MemberSink {
  readonly #options: TreeOptions;
  /** Folders that are known to be folders: those that were made here with what they get at the end */
  readonly #folders = new Map<string, MadeFolder | undefined>();
  readonly #written = new Set<string>();
  readonly #links = new Map<string, { readonly parts: readonly string[]; readonly member: Member }>();
  readonly #problems: CopyProblem[] = [];
  /** Whole, and renamed once nothing was said against it */
  #waiting: Draft | undefined;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  async add({ kind, parts, linkParts }: Accepted, { member, body }: MemberItem): Promise<void> {
    this.#settle();
    try {
      if (kind === "directory") this.#addFolder(parts, member);
      else if (kind === "hardlink") this.#addHardLink(parts, linkParts.join("/"));
      else if (kind === "file") await this.#addFile(parts, member, body);
      else this.#links.set(parts.join("/"), { parts, member });
    } catch (error) {
      throw toRefusal(error);
    }
  }

  async spoil(): Promise<void> {
    if (this.#waiting) rmSync(toBytes(this.#waiting.draft), { force: true });
    this.#waiting = undefined;
  }

  async finish(): Promise<readonly CopyProblem[]> {
    this.#settle();
    for (const [name, { parts, member }] of this.#links) {
      try {
        this.#addLink(parts, member);
      } catch (error) {
        this.#problems.push({ name, reason: toRefusal(error).message });
      }
    }
    return [...this.#problems, ...settleFolders(this.#options.at, this.#folders)];
  }

  async abandon(): Promise<void> {
    await this.spoil();
    settleFolders(this.#options.at, this.#folders);
  }

  #modeOf(mode: number): number {
    return mode & 0o777 & ~this.#options.mask;
  }

  #addFolder(parts: readonly string[], { mode, changedAt }: Member): void {
    this.#ensureFolder(parts);
    const key = parts.join("/");
    // One that was there before stays as it is
    if (this.#folders.get(key)) this.#folders.set(key, { mode: this.#modeOf(mode), changedAt });
  }

  /** With all that it is in, up to the root. Throws if something else is there, a link to a folder included. */
  #ensureFolder(parts: readonly string[]): void {
    for (let depth = 0; depth <= parts.length; depth += 1) {
      const key = parts.slice(0, depth).join("/");
      if (this.#folders.has(key)) continue;
      const path = joinNames(this.#options.at, key);
      const isMade = makeFolder(path);
      this.#folders.set(key, isMade ? { mode: this.#modeOf(0o777), changedAt: undefined } : undefined);
    }
  }

  async #addFile(parts: readonly string[], member: Member, body: AsyncIterable<Uint8Array>): Promise<void> {
    const free = member.size > largeFile ? await this.#options.freeBytes() : undefined;
    if (free !== undefined && member.size > free)
      throw new DiskTrouble(
        `it has ${renderBytes(member.size)}, and the disk has room for ${renderBytes(free)}`,
        true,
      );
    const draft = this.#place(parts);
    await writeDraft(draft.draft, body, { mode: this.#modeOf(member.mode), changedAt: member.changedAt });
    this.#waiting = draft;
  }

  #addHardLink(parts: readonly string[], target: string): void {
    if (!this.#written.has(target))
      throw new Refusal(`it is a hard link to ${quoteName(target)}, which was not copied`);
    const draft = this.#place(parts);
    linkSync(toBytes(joinNames(this.#options.at, target)), toBytes(draft.draft));
    this.#waiting = { ...draft, isHardLink: true };
  }

  #addLink(parts: readonly string[], { linkTarget, changedAt }: Member): void {
    const draft = this.#place(parts);
    const { at, links } = this.#options;
    const fault = links === "any" ? undefined : findWayOut(at, folderOf(draft.path), linkTarget);
    if (fault !== undefined) throw new Refusal(fault);
    symlinkSync(toBytes(linkTarget), toBytes(draft.draft));
    setLinkTime(draft.draft, changedAt);
    moveDraft(draft);
  }

  /** Where something that is no folder goes */
  #place(parts: readonly string[]): Draft {
    if (parts.length > 0) this.#ensureFolder(parts.slice(0, -1));
    const key = parts.join("/");
    const path = joinNames(this.#options.at, key);
    // Not to be guessed, and short enough for any folder
    const draft = joinNames(folderOf(path), `.claude-bottle-${crypto.randomUUID().slice(0, 18)}`);
    return { key, draft, path };
  }

  #settle(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    try {
      moveDraft(waiting);
      this.#written.add(waiting.key);
    } catch (error) {
      this.#problems.push({ name: waiting.key, reason: toRefusal(error).message });
    }
  }
}

/** False if it was there. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(toBytes(path), 0o700);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  const status = lstatSync(toBytes(path));
  if (status.isDirectory()) return false;
  const what = status.isSymbolicLink() ? "a link, which is not followed" : "no folder";
  throw new Refusal(`${quoteName(path)} is there and is ${what}`);
}

/** A file or a link that is there is replaced at once; a folder is not. */
function moveDraft({ draft, path, isHardLink = false }: Draft): void {
  try {
    renameSync(toBytes(draft), toBytes(path));
    // Of two names of one file none takes the other's place
    if (isHardLink) rmSync(toBytes(draft), { force: true });
  } catch (error) {
    rmSync(toBytes(draft), { force: true });
    if (codeOf(error) !== "EISDIR" && codeOf(error) !== "ENOTEMPTY" && codeOf(error) !== "EEXIST")
      throw error;
    throw new Refusal("a folder of that name is there, and is not replaced");
  }
}
