/**
 * Questions about objects, put to a git that stays: to start one for each takes longer than the answer, and ten times as long under gVisor.
 * One process for each kind of question and git folder, which ends with `endQuestions` or with the program.
 */
import type { ChildProcess } from "node:child_process";
import { explainEnd, GitFailure, startGit } from "./git.ts";
import type { GitPlace } from "./git.ts";

const checkWords = [
  "cat-file",
  "--batch-check=%(objectname) %(objecttype) %(objectsize) %(deltabase)",
] as const;
const answer = /^([0-9a-f]{40,64}) (commit|tag|tree|blob) (\d+) ([0-9a-f]+)$/;
const readWords = ["cat-file", "--batch"] as const;
/** A folder of half a million files; what is larger is out of measure anyhow */
const maxObjectBytes = 64 * 1024 * 1024;
const newline = 10;

interface Asked {
  readonly child: ChildProcess;
  readonly output: Buffer[];
  /** Called when there is more to read, or nothing will come any more */
  wake: () => void;
  failure: GitFailure | undefined;
  /** The question before has its answer */
  last: Promise<unknown>;
}

const running = new Map<string, Asked>();

/** What git knows of an object; `size` in bytes, `base` is the object that it is kept as a difference to, or only zeros. */
export interface KnownObject {
  readonly id: string;
  readonly type: string;
  readonly size: string;
  readonly base: string;
}

/**
 * Starts what answers questions before there is one: a program takes longer to start than to answer, and others can run meanwhile.
 * It must not be waited for, and is the one that is asked.
 */
export function beginQuestions(place: GitPlace): void {
  for (const words of [checkWords, readWords]) begin(place, words);
}

/** What each expression names, as gitrevisions(7) has them; undefined for what is not there. */
export function resolveObjects(
  place: GitPlace,
  expressions: readonly string[],
): Promise<readonly (KnownObject | undefined)[]> {
  if (expressions.length === 0) return Promise.resolve([]);
  return ask(place, checkWords, expressions, async (asked) => {
    const line = (await readLine(asked)).toString("latin1");
    const [, id = "", type = "", size = "", base = ""] = answer.exec(line) ?? [];
    return id === "" ? undefined : { id, type, size, base };
  });
}

/** The content of objects that are there. Throws a `GitFailure` for one that is not, or is another type, or too large. */
export function readObjects(place: GitPlace, ids: readonly string[], type: string): Promise<Buffer[]> {
  return ask(place, readWords, ids, async (asked) => {
    const [id, found, bytes] = (await readLine(asked)).toString("latin1").split(" ");
    const size = Number(bytes);
    if (found !== type || !(size <= maxObjectBytes)) {
      endOne(asked);
      throw new GitFailure(`${id}: it is no ${type} that can be read`);
    }
    const content = await readBytes(asked, size + 1);
    return content.subarray(0, size);
  });
}

/** For a folder that is done with, or that borrows from more folders from now on, which a git that runs would not see. */
export function endQuestions({ gitFolder }: GitPlace): void {
  for (const words of [checkWords, readWords]) {
    const asked = running.get(keyOf(gitFolder, words));
    if (asked) endOne(asked);
    running.delete(keyOf(gitFolder, words));
  }
}

/** Which of the ids are there, and are commits or of the `types` that are asked for. */
export async function findCommits(
  place: GitPlace,
  ids: readonly string[],
  types: readonly string[] = ["commit"],
): Promise<ReadonlySet<string>> {
  const found = await resolveObjects(place, ids);
  return new Set(ids.filter((_, index) => types.includes(found[index]?.type ?? "")));
}

function ask<T>(
  place: GitPlace,
  words: readonly string[],
  questions: readonly string[],
  take: (asked: Asked) => Promise<T>,
): Promise<T[]> {
  const asked = begin(place, words);
  const answer = asked.last.then(async () => {
    const timer = setTimeout(() => endOne(asked), place.timeoutMs);
    try {
      asked.child.stdin?.write(questions.map((one) => `${one}\n`).join(""));
      const answers: T[] = [];
      for (const _ of questions) answers.push(await take(asked));
      return answers;
    } finally {
      clearTimeout(timer);
    }
  });
  asked.last = answer.catch(() => undefined);
  return answer;
}

function begin(place: GitPlace, words: readonly string[]): Asked {
  const key = keyOf(place.gitFolder, words);
  const known = running.get(key);
  if (known && known.failure === undefined) return known;
  const child = startGit(place, words, ["pipe", "pipe", "pipe"]);
  const asked: Asked = {
    child,
    output: [],
    wake: () => undefined,
    failure: undefined,
    last: Promise.resolve(),
  };
  let complaint = "";
  const fail = (failure: GitFailure) => {
    asked.failure ??= failure;
    asked.wake();
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    asked.output.push(chunk);
    asked.wake();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("latin1")).slice(-4_096);
  });
  child.stdin?.on("error", () => undefined);
  child.on("error", (error) => fail(new GitFailure(`git ${words[0]}: ${error.message}`)));
  child.on("close", (code, signal) => fail(explainEnd(words, complaint, code, signal)));
  running.set(key, asked);
  return asked;
}

function endOne(asked: Asked): void {
  asked.child.kill("SIGKILL");
  // Who asks next gets another
  asked.failure ??= new GitFailure("git cat-file: it takes more time or memory than its limits", true);
  asked.wake();
}

function keyOf(gitFolder: string, words: readonly string[]): string {
  return `${words[1]} ${gitFolder}`;
}

async function readLine(asked: Asked): Promise<Buffer> {
  const searched: Buffer[] = [];
  for (;;) {
    const chunk = await nextChunk(asked);
    const end = chunk.indexOf(newline);
    searched.push(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0) continue;
    if (end + 1 < chunk.length) asked.output.unshift(chunk.subarray(end + 1));
    return Buffer.concat(searched);
  }
}

async function readBytes(asked: Asked, count: number): Promise<Buffer> {
  const taken: Buffer[] = [];
  for (let left = count; left > 0;) {
    const chunk = await nextChunk(asked);
    taken.push(chunk.subarray(0, left));
    if (chunk.length > left) asked.output.unshift(chunk.subarray(left));
    left -= Math.min(left, chunk.length);
  }
  return Buffer.concat(taken);
}

async function nextChunk(asked: Asked): Promise<Buffer> {
  for (;;) {
    const chunk = asked.output.shift();
    if (chunk) return chunk;
    if (asked.failure) throw asked.failure;
    await new Promise<void>((resolve) => {
      asked.wake = resolve;
    });
  }
}
