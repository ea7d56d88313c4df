import { expect, test } from "bun:test";
import { warnOfExfiltration } from "../../../src/plan/exfiltration-hosts.ts";
import type { Destination } from "../../../src/plan/egress-plan.ts";

const source = { file: "m", scope: "home", line: 1, column: 1 } as const;

test.each([
  ["github.com", "a code host"],
  ["gist.github.com", "a code host"],
  ["*.githubusercontent.com", undefined],
  ["bucket.s3.eu-central-1.amazonaws.com", "an object store"],
  // A pattern that covers such a host is one too
  ["*.com", "a code host"],
  ["*.windows.net", "an object store"],
  ["pastebin.com", "a place to paste"],
  ["hooks.slack.com", "a chat or webhook"],
  ["abc.ngrok-free.app", "a tunnel"],
  ["gitea.lan", undefined],
  ["notgithub.com", undefined],
  ["github.com.example", undefined],
])("%s: %p", (host, wanted) => {
  const [warning] = warnOfExfiltration([grant(host)]);
  if (wanted === undefined) expect(warning).toBeUndefined();
  else expect(warning).toStartWith(`${host} is ${wanted}`);
});

test("each host is named once, and what the program itself grants is not", () => {
  const ssh = { ...grant("github.com"), port: 22, protocol: "ssh" as const };
  const own = { ...grant("api.slack.com"), origin: { kind: "built-in" as const, reason: "x" } };
  expect(warnOfExfiltration([ssh, grant("github.com"), own])).toHaveLength(1);
});

function grant(host: string): Destination {
  return {
    host,
    port: 443,
    protocol: "tls",
    isPrivate: false,
    isInspected: false,
    origin: { kind: "manifest", source },
  };
}

test("is silent about a host of which only reading is allowed, and not about one that takes more", () => {
  const ofRules = (...texts: string[]) =>
    warnOfExfiltration([
      {
        ...grant("api.github.com"),
        rules: { lines: texts.map((text) => ({ text, source })), account: "own" },
      },
    ]);
  expect(ofRules("GET /**", "GET,HEAD /x", "POST /graphql query(viewer)")).toEqual([]);
  for (const text of ["POST /gists", "* /**", "GET,POST /x", "POST /graphql mutation", "POST /graphql"])
    expect(ofRules("GET /**", text)).toHaveLength(1);
});
