/** What a tar holds, as this program sees it. */

export interface Member {
  /** A byte string as it stands in the archive, hostile, without a slash at its end */
  readonly name: string;
  /** `other` is what is never written anywhere: `what` says what it is */
  readonly kind: "file" | "directory" | "symlink" | "hardlink" | "other";
  /** For messages: `a FIFO` */
  readonly what: string;
  /** All bits that the archive gives, those for a change of user among them */
  readonly mode: number;
  /** Bytes of the content; 0 for what has none */
  readonly size: number;
  /** Seconds since 1970, with a fraction */
  readonly changedAt: number;
  /** A byte string; of a hard link the name of the other member */
  readonly linkTarget: string;
}

/** A member with its content, which can be read once, before the next item is asked for. */
export interface MemberItem {
  readonly member: Member;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * What a sender of ours says in between. `total`: what will come, as far as it can tell. `problem`: something was not sent. `left-out`:
 * something was not sent on purpose. `spoilt`: the content of the file before this is not what it was. `failed`: nothing is sent.
 */
export type Note =
  | { readonly note: "total"; readonly files: number; readonly bytes: number }
  | { readonly note: "problem"; readonly name: string; readonly reason: string }
  | { readonly note: "left-out"; readonly name: string }
  | { readonly note: "spoilt" }
  | { readonly note: "failed"; readonly reason: string };

export type TarItem = MemberItem | Note;

/** Something that was not copied while the rest was. */
export interface CopyProblem {
  /** A byte string, hostile */
  readonly name: string;
  /** What goes on after the name: `it is a FIFO`; hostile where a bottle says it */
  readonly reason: string;
}

/** The archive is no tar, or one that cannot be gone on with. */
export class BrokenArchive extends Error {}

/** It ended in the middle. */
export class CutShort extends BrokenArchive {
  constructor() {
    super("it ends in the middle");
  }
}

/** Nothing to read */
export async function* noBody(): AsyncGenerator<Uint8Array> {
  // Empty
}
