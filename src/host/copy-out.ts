/** An archive that came out of a bottle, to where the user wants it. Everything in it is hostile. */
import { folderOf, fromText, quoteName, toBytes } from "../archive/byte-names.ts";
import { MemberCheck } from "../archive/check-member.ts";
import { lookAtTarget, placeCopy } from "../archive/copy-place.ts";
import type { CopySource, LookedAt } from "../archive/copy-place.ts";
import { DiskTrouble, Refusal } from "../archive/file-trouble.ts";
import { isGitName } from "../archive/git-name.ts";
import { sentRoot } from "../archive/pack-tree.ts";
import { readTar } from "../archive/read-tar.ts";
import { SenderFailed, takeIn } from "../archive/take-in.ts";
import type { TakenIn } from "../archive/take-in.ts";
import { BrokenArchive, CutShort } from "../archive/tar-item.ts";
import type { CopyProblem } from "../archive/tar-item.ts";
import { TreeWriter } from "../archive/tree-writer.ts";
import type { MemberSink } from "../archive/tree-writer.ts";
import { BottleError, messageOf } from "../core/error.ts";
import { escapeForTerminal, quote } from "../core/text.ts";
import { foldsCase } from "./folds-case.ts";
import { findFreeBytes } from "./free-bytes.ts";
import { StreamSink } from "./stream-sink.ts";
import type { StreamSinkOptions } from "./stream-sink.ts";
import type { TransferProgress } from "./transfer-progress.ts";

/** Where it goes: a place on this machine, which was looked at, or an output for a tar */
export type CopyTarget =
  | { readonly kind: "place"; readonly typed: string; readonly looked: LookedAt }
  | ({ readonly kind: "stream" } & Pick<StreamSinkOptions, "output" | "signal">);

export interface TakeOutRequest {
  readonly target: CopyTarget;
  /** `bottle:path`, as the user wrote it */
  readonly from: string;
  /** What the user calls it; text */
  readonly name: string;
  /** What is in the folder is meant */
  readonly isContents: boolean;
  readonly progress: TransferProgress;
  onProblem(problem: CopyProblem): void;
  onLeftOut(name: string): void;
}

/** Before anything is asked of a bottle. `path` is absolute, `typed` is for messages. */
export async function lookAtPlace(path: string, typed: string): Promise<CopyTarget> {
  try {
    return { kind: "place", typed, looked: await lookAtTarget(fromText(path)) };
  } catch (error) {
    throw asBottleError(error, typed);
  }
}

/** Undefined if the archive ended in the middle; nothing half-made is left then either. */
export async function takeOut(
  archive: AsyncIterable<Uint8Array>,
  request: TakeOutRequest,
): Promise<TakenIn | undefined> {
  const { target, progress, onProblem, onLeftOut } = request;
  try {
    return await takeIn(readTar(archive, { hasNotes: true }), {
      begin: (kind) => openSink(request, kind),
      onTotal: ({ bytes }) => progress.expect(bytes),
      onBytes: (count) => progress.add(count),
      onProblem,
      onLeftOut,
    });
  } catch (error) {
    if (error instanceof CutShort) return undefined;
    throw asBottleError(error, target.kind === "stream" ? "-" : target.typed, request.from);
  }
}

async function openSink(
  { target, name, isContents }: TakeOutRequest,
  kind: CopySource["kind"],
): Promise<{ readonly check: MemberCheck; readonly sink: MemberSink }> {
  const rules = { root: sentRoot, links: "inside", leavesOutGit: true } as const;
  const source = { kind, name: fromText(name), isContents };
  const mask = process.umask();
  if (target.kind === "stream") {
    const root = kind === "folder" && isContents ? "." : source.name;
    refuseGit(root);
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const check = new MemberCheck({ ...rules, foldsCase: false });
    return { check, sink: new StreamSink({ ...target, root, owner, mask }) };
  }
  const { looked } = target;
  const at = placeCopy(source, looked);
  refuseGit(at.slice(at.lastIndexOf("/") + 1));
  const folder = looked.kind === "folder" ? looked.path : folderOf(at);
  const freeBytes = () => findFreeBytes(toBytes(folder));
  return {
    check: new MemberCheck({ ...rules, foldsCase: kind === "folder" && (await foldsCase(folder)) }),
    sink: new TreeWriter({ at, mask, links: "inside", freeBytes }),
  };
}

/** Whoever asks for one by name gets it under another name, where git does not look. */
function refuseGit(name: string): void {
  if (isGitName(name))
    throw new Refusal(
      `git would run what is configured in ${quoteName(name)}; "claude-bottle pull" brings commits`,
    );
}

function asBottleError(error: unknown, typed: string, from = ""): unknown {
  const state = escapeForTerminal(messageOf(error));
  if (error instanceof SenderFailed)
    return new BottleError({
      code: "file",
      message: `Cannot copy ${quote(from)}: ${state}`,
      hint: "Check the path; relative ones begin at the workspace.",
    });
  if (error instanceof BrokenArchive)
    return new BottleError({
      code: "session",
      message: `Cannot copy ${quote(from)}: what the bottle sent cannot be read: ${state}`,
      hint: "Check whether something in the bottle replaces node, and try again.",
    });
  if (error instanceof DiskTrouble || error instanceof Refusal)
    return new BottleError({
      code: "file",
      message: `Cannot copy to ${quote(typed)}: ${state}`,
      hint:
        error instanceof DiskTrouble && error.isFull
          ? "Free space on the disk; what was copied before is whole."
          : "Name a folder, or a new file in one that is there.",
    });
  return error;
}
