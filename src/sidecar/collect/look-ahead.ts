/**
 * What lstat(2) says of many files, asked by two threads while git lists them: under gVisor each question takes 50 µs and more, so thirty
 * thousand of them take longer than all the rest. Elsewhere it takes longer to start the threads than to ask.
 */
import { lstatSync, statfsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

export interface FileStatus {
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** By path, bytes as latin1; undefined for what is not there. A path that was not asked about is not in it */
export type KnownStatuses = ReadonlyMap<string, FileStatus | undefined>;

/** What gVisor calls every file system of the host's */
export const gvisorFileSystem = 0x01021997;
const fewFiles = 2_000;
const fieldCount = 4;
const threadCount = 2;

/** Names end with a NUL each; what is not there has a mode of 0. */
const program = `
const { lstatSync } = require("node:fs");
const { parentPort, workerData } = require("node:worker_threads");
const { folder, names, results } = workerData;
const prefix = Buffer.from(folder + "/", "utf8");
let at = 0;
for (let start = 0, end; (end = names.indexOf(0, start)) >= 0; start = end + 1) {
  let status;
  try {
    status = lstatSync(Buffer.concat([prefix, names.subarray(start, end)]), { throwIfNoEntry: false });
  } catch {}
  if (status) results.set([status.mode, status.size, status.mtimeMs, status.ctimeMs], at);
  at += ${fieldCount};
}
parentPort.postMessage("done");
`;

/** Begins at once. Nothing is known where it is not worth it, or a thread fails. */
export async function lookAhead(folder: string, paths: readonly string[]): Promise<KnownStatuses> {
  if (paths.length < fewFiles || availableParallelism() < threadCount || !isSlow(folder)) return new Map();
  const each = Math.ceil(paths.length / threadCount);
  const parts = Array.from({ length: threadCount }, (_, index) =>
    paths.slice(index * each, (index + 1) * each),
  );
  try {
    return new Map((await Promise.all(parts.map((part) => askAside(folder, part)))).flat());
  } catch {
    return new Map();
  }
}

/** Undefined for what is not there, or cannot be seen. */
export function lookAt(path: Buffer): FileStatus | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** In a thread of its own. */
export function askAside(
  folder: string,
  paths: readonly string[],
): Promise<[string, FileStatus | undefined][]> {
  const names = Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
  const results = new Float64Array(new SharedArrayBuffer(paths.length * fieldCount * 8));
  const worker = new Worker(program, { eval: true, workerData: { folder, names, results } });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread ended")));
    worker.once("message", () =>
      resolve(paths.map((path, index) => [path, readStatus(results, index * fieldCount)])),
    );
  });
}

function readStatus(results: Float64Array, at: number): FileStatus | undefined {
  const [mode = 0, size = 0, mtimeMs = 0, ctimeMs = 0] = results.subarray(at, at + fieldCount);
  return mode === 0 ? undefined : { mode, size, mtimeMs, ctimeMs };
}

function isSlow(folder: string): boolean {
  try {
    return statfsSync(folder).type === gvisorFileSystem;
  } catch {
    return false;
  }
}
