import { describe, expect, test } from "bun:test";
import { parseHandOver } from "../../../src/protocol/hand-over.ts";
import type { HandOver } from "../../../src/protocol/hand-over.ts";

const message: HandOver = {
  request: {
    agentName: "hello",
    isDryRun: false,
    isJson: false,
    isYes: true,
    trustsProject: false,
    hasWorkspace: true,
    isVerbose: false,
    hasTranscript: true,
    allowsClipboard: true,
    claudeArguments: ["-c", "x"],
    timeoutMs: 5,
  },
  session: "k3f9q2",
  env: { HOME: "/h", EMPTY: "" },
  answers: [{ name: "TOKEN", value: "secret" }],
  passphrases: [null, "p"],
  digest: "d",
  terminal: { environment: { TERM: "xterm" }, columns: 80, rows: 24, bell: "/dev/pts/1" },
  notifies: true,
};

describe("what is handed to a start in the background", () => {
  test("is read as it was written, without what was not set", () => {
    expect(parseHandOver(JSON.stringify(message))).toEqual(message);
    const { bell: _, ...terminal } = message.terminal;
    const bare = { ...message, env: { ...message.env, UNSET: undefined }, terminal };
    expect(parseHandOver(JSON.stringify(bare))).toEqual({ ...message, terminal });
  });

  test.each<[string, object]>([
    ["an option that would be lost on the way", { request: { ...message.request, isNew: true } }],
    ["an option of another kind", { request: { ...message.request, isYes: "yes" } }],
    ["no session", { session: undefined }],
    ["a value that is no text", { answers: [{ name: "TOKEN", value: 1 }] }],
    ["a passphrase that is neither a text nor none", { passphrases: [0] }],
    ["a variable that is no text", { env: { HOME: null } }],
    ["a terminal without a size", { terminal: { environment: {} } }],
  ])("is refused whole with %s", (_, change) => {
    expect(parseHandOver(JSON.stringify({ ...message, ...change }))).toBeUndefined();
  });

  test("is refused where it is no JSON", () => {
    expect(parseHandOver("")).toBeUndefined();
  });
});
