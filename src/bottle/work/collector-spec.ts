/** What a collector is: a program of ours over the folders that hold an agent's work. */
import { programCommand } from "../../sidecar/programs.ts";
import { keptFolder, workspaceFolder } from "../agent/bottle-paths.ts";
import type { CollectorSpec, WorkFolders } from "../platform/work-storage.ts";

const mebibyte = 1024 * 1024;

export const workFolders: WorkFolders = { work: workspaceFolder, kept: keptFolder };

export const collectorSpec: CollectorSpec = {
  command: programCommand,
  folders: workFolders,
  memoryBytes: 2048 * mebibyte,
  pids: 256,
};
