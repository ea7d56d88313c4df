/**
 * Decides about each member of an archive before anything is done for it. Nothing that is accepted can lead out of the folder it is meant
 * for, whether by its name, as a link, through a link that came before, or by standing for two things.
 */
import { quoteName, toText } from "./byte-names.ts";
import { isGitName } from "./git-name.ts";
import { findTargetFault, findWayOutside } from "./link-rule.ts";
import { BrokenArchive } from "./tar-item.ts";
import type { Member } from "./tar-item.ts";

const maxNames = 2_000_000;
/** No call of the file system takes a longer path */
const longestName = 4_096;
const maxNameBytes = 512 * 1024 * 1024;

export interface CheckRules {
  /** The first part that every name has, and that is taken off; undefined if names begin anywhere */
  readonly root: string | undefined;
  /** `inside`: a link may only lead to where the archive goes. `any`: a link may say what it likes, since it is not followed here */
  readonly links: "inside" | "any";
  /** Names that differ in case only are one name there */
  readonly foldsCase: boolean;
  /** Nothing called `.git` is accepted: git runs what is configured in it */
  readonly leavesOutGit: boolean;
}

type Kind = Exclude<Member["kind"], "other">;

export type Verdict =
  | {
      readonly verdict: "accepted";
      readonly kind: Kind;
      /** The name's parts below the root; none for the root itself */
      readonly parts: readonly string[];
      /** Of a hard link: the parts of a file that was accepted before */
      readonly linkParts: readonly string[];
    }
  | { readonly verdict: "refused"; readonly reason: string }
  | { readonly verdict: "left-out" };

export class MemberCheck {
  readonly #rules: CheckRules;
  readonly #known = new Map<string, "folder" | "file" | "link">();
  /** Folded name → name */
  readonly #spelled = new Map<string, string>();
  #nameBytes = 0;

  constructor(rules: CheckRules) {
    this.#rules = rules;
  }

  /** What is taken off of every name, or nothing */
  get root(): string {
    return this.#rules.root ?? "";
  }

  /** Members in their order. Throws `BrokenArchive` for more of them than can be kept in mind. */
  check(member: Member): Verdict {
    const parts = this.#findParts(member.name);
    if (typeof parts === "string") return refused(parts);
    if (this.#rules.leavesOutGit && parts.some(isGitName)) return { verdict: "left-out" };
    const { kind } = member;
    if (kind === "other") return refused(`it is ${member.what}`);
    if (parts.length === 0 && kind !== "directory" && this.#rules.root === undefined)
      return refused("it has no name");
    const linkParts = kind === "hardlink" ? this.#findParts(member.linkTarget) : [];
    const fault =
      this.#findKindFault(member, kind, parts, linkParts) ??
      this.#findClash(kind, parts) ??
      this.#findFolded(parts);
    if (fault !== undefined || typeof linkParts === "string") {
      // What goes through it is refused as well, and does not come out as if it were a folder
      if (kind === "symlink") this.#remember(parts.join("/"), "link");
      return refused(fault ?? "");
    }
    this.#note(kind, parts);
    return { verdict: "accepted", kind, parts, linkParts };
  }

  /** Its parts below the root, or what is wrong with it. */
  #findParts(name: string): string[] | string {
    if (name.includes("\0")) return "its name holds a NUL";
    if (name.length > longestName) return "its name is too long";
    if (name.startsWith("/")) return "its name is an absolute path";
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) return 'its name holds ".."';
    const { root } = this.#rules;
    if (root === undefined) return parts;
    return parts[0] === root ? parts.slice(1) : "it is not what was asked for";
  }

  #findKindFault(
    member: Member,
    kind: Kind,
    parts: readonly string[],
    linkParts: readonly string[] | string,
  ): string | undefined {
    if (kind === "symlink") {
      const isFree = this.#rules.links === "any";
      const target = member.linkTarget;
      return findTargetFault(target) ?? (isFree ? undefined : findWayOutside(parts, target));
    }
    if (kind !== "hardlink") return undefined;
    if (typeof linkParts === "string") return `it is a hard link to an impossible name: ${linkParts}`;
    const target = linkParts.join("/");
    return this.#known.get(target) === "file" && target !== parts.join("/")
      ? undefined
      : `it is a hard link to ${quoteName(target)}, which was not copied before`;
  }

  /** What was accepted before, in the way of it. */
  #findClash(kind: Kind, parts: readonly string[]): string | undefined {
    for (let depth = 0; depth < parts.length; depth += 1) {
      const above = this.#known.get(parts.slice(0, depth).join("/"));
      if (above !== undefined && above !== "folder") return `a ${above} stands where it needs a folder`;
    }
    const other = this.#known.get(parts.join("/"));
    return other === undefined || other === simplify(kind)
      ? undefined
      : `a ${other} of the same name came before it`;
  }

  #findFolded(parts: readonly string[]): string | undefined {
    if (!this.#rules.foldsCase) return undefined;
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const name = parts.slice(0, depth).join("/");
      const other = this.#spelled.get(fold(name));
      if (other !== undefined && other !== name)
        return `on this disk its name is the same as ${quoteName(other)}`;
    }
    return undefined;
  }

  #note(kind: Kind, parts: readonly string[]): void {
    for (let depth = 0; depth <= parts.length; depth += 1) {
      const name = parts.slice(0, depth).join("/");
      if (this.#rules.foldsCase) this.#spelled.set(fold(name), name);
      this.#remember(name, depth < parts.length ? "folder" : simplify(kind));
    }
  }

  #remember(name: string, kind: "folder" | "file" | "link"): void {
    if (this.#known.has(name)) return;
    this.#known.set(name, kind);
    this.#nameBytes += name.length;
    if (this.#known.size > maxNames || this.#nameBytes > maxNameBytes)
      throw new BrokenArchive("it has too many names");
  }
}

function simplify(kind: Kind): "folder" | "file" | "link" {
  return kind === "directory" ? "folder" : kind === "symlink" ? "link" : "file";
}

function fold(name: string): string {
  return toText(name).normalize("NFC").toLowerCase();
}

function refused(reason: string): Verdict {
  return { verdict: "refused", reason };
}
