import { describe, expect, test } from "bun:test";
import type { WentIn, WentInFile } from "../../../../src/core/went-in.ts";
import type { IndexedFile } from "../../../../src/sidecar/collect/agent-files.ts";
import { findLinks } from "../../../../src/sidecar/collect/links.ts";

const [first, second] = ["1".repeat(40), "2".repeat(40)];
const head = {
  version: 1,
  commit: first,
  branch: "",
  settings: {},
  ignore: "",
  attributes: "",
  isResumed: false,
} as const;

function link(path: string, id: string): WentInFile {
  return { path, mode: "160000", rawId: id, indexId: id, isChanged: false, size: 0, seconds: 0 };
}

function find(wentIn: Pick<WentIn, "files" | "absent">, indexed: Readonly<Record<string, string>>) {
  const place = { gitFolder: "/", workTree: "/", objectFormat: "sha1", timeoutMs: 1_000 } as const;
  const entries = Object.entries(indexed).map(
    ([path, id]) => [path, { mode: "160000", id, stage: 0, isUnwatched: false }] as const,
  );
  const agent = { indexed: new Map<string, IndexedFile>(entries), others: [], place };
  return [...findLinks({ wentIn: { head, refs: [], ...wentIn }, agent, nested: [], worktrees: [], place })];
}

describe("commits of submodules", () => {
  test("one that the agent took out of the index is taken away", () => {
    expect(find({ files: [link("sub", first)], absent: new Map() }, {})).toEqual([["sub", undefined]]);
  });

  test("one whose folder was gone before is not taken away by an agent that adds everything", () => {
    expect(find({ files: [], absent: new Map([["sub", first]]) }, {})).toEqual([]);
  });

  test("one whose folder was gone before is no change as long as it is at the same commit", () => {
    const wentIn = { files: [], absent: new Map([["sub", first]]) };
    expect(find(wentIn, { sub: first })).toEqual([]);
    expect(find(wentIn, { sub: second })).toEqual([["sub", second]]);
  });
});
