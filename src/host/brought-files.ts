/** Ignored files that a manifest asks for, out of the archive that the collector made of them: hostile, like all that a bottle sends. */
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { quoteName, toBytes } from "../archive/byte-names.ts";
import { MemberCheck } from "../archive/check-member.ts";
import { readTar } from "../archive/read-tar.ts";
import { takeIn } from "../archive/take-in.ts";
import { TreeWriter } from "../archive/tree-writer.ts";
import { foldsCase } from "./folds-case.ts";
import { findFreeBytes } from "./free-bytes.ts";

export interface UnpackedFiles {
  /** Files and links */
  readonly files: number;
  /** A sentence for each that was refused, safe to print */
  readonly problems: readonly string[];
}

/** Unpacks into a new folder of that name. Throws for what is no archive, and for a full disk. */
export async function unpackBrought(archive: string, folder: string): Promise<UnpackedFiles> {
  await mkdir(folder, { mode: 0o700 });
  const rules = {
    root: undefined,
    links: "inside",
    foldsCase: await foldsCase(folder),
    leavesOutGit: true,
  } as const;
  const freeBytes = () => findFreeBytes(toBytes(folder));
  const problems: string[] = [];
  const { files } = await takeIn(readTar(createReadStream(archive)), {
    begin: () =>
      Promise.resolve({
        check: new MemberCheck(rules),
        sink: new TreeWriter({ at: folder, mask: process.umask(), links: "inside", freeBytes }),
      }),
    onTotal: () => undefined,
    onBytes: () => undefined,
    onProblem: ({ name, reason }) => problems.push(`${quoteName(name)}: ${reason}`),
    onLeftOut: (name) => problems.push(`${quoteName(name)}: git would run what is configured in it`),
  });
  return { files, problems };
}
