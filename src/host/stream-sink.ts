/** Checked members as a tar on an output, such as a pipe to another program: what that one unpacks is as harmless as what is written here. */
import { once } from "node:events";
import { joinNames } from "../archive/byte-names.ts";
import type { CopyProblem, MemberItem } from "../archive/tar-item.ts";
import type { Owner } from "../archive/tar-header.ts";
import type { Accepted, MemberSink } from "../archive/tree-writer.ts";
import { joinPieces, renderMember } from "../archive/write-tar.ts";

export interface StreamSinkOptions {
  readonly output: NodeJS.WritableStream;
  /** What the root is called in the archive */
  readonly root: string;
  /** Whose the files are in the archive */
  readonly owner: Owner;
  readonly mask: number;
  /** Ends the waiting for an output that takes nothing */
  readonly signal: AbortSignal;
}

export class StreamSink implements MemberSink {
  readonly #options: StreamSinkOptions;

  constructor(options: StreamSinkOptions) {
    this.#options = options;
  }

  async add({ parts, linkParts }: Accepted, { member, body }: MemberItem): Promise<void> {
    const { root, owner, mask } = this.#options;
    const renamed = {
      ...member,
      name: joinNames(root, parts.join("/")),
      mode: member.mode & 0o777 & ~mask,
      ...(member.kind === "hardlink" && { linkTarget: joinNames(root, linkParts.join("/")) }),
    };
    const pieces = renderMember({ member: renamed, body }, owner, () => undefined);
    for await (const piece of joinPieces(pieces)) await this.#write(piece);
  }

  /** What was written cannot be taken back; whoever takes it in is told by an exit code. */
  async spoil(): Promise<void> {
    // Nothing to take back
  }

  async finish(): Promise<readonly CopyProblem[]> {
    await this.#write(Buffer.alloc(1024));
    const { output, signal } = this.#options;
    // A program that ends may not wait long for a reader that is slow
    const flushed = Promise.withResolvers<void>();
    const stop = () => flushed.reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    output.write("", () => flushed.resolve());
    await flushed.promise.finally(() => signal.removeEventListener("abort", stop));
    return [];
  }

  async abandon(): Promise<void> {
    // An archive without its end is seen to be cut short
  }

  async #write(piece: Uint8Array): Promise<void> {
    const { output, signal } = this.#options;
    signal.throwIfAborted();
    if (!output.write(piece)) await once(output, "drain", { signal });
  }
}
