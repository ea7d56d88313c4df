/** Each limit of a manifest exactly at it, one below and one above. */
import { describe, expect, test } from "bun:test";
import { parseHostKey } from "../../../src/manifest/host-key.ts";
import { findPatternProblem } from "../../../src/manifest/ignore-pattern.ts";
import { findNameProblem } from "../../../src/manifest/known-hosts-names.ts";
import { parseMemory } from "../../../src/manifest/memory.ts";
import { parseManifests } from "../../../src/manifest/parse-manifest.ts";
import { parseSource } from "../../../src/manifest/source-tree.ts";
import { aBottle, aFile, anSshEntry, complaintAbout, problemsOf } from "../../support/manifests.ts";

test("memory is from 256 MiB to 16 TiB", () => {
  const bytesOf = (text: string) => {
    const result = parseMemory(text);
    if (result.ok) return result.bytes;
    return typeof result.problem === "string" ? result.problem : result.problem({});
  };
  expect(bytesOf("256m")).toBe(256 * 1024 ** 2);
  expect(bytesOf("255.999m")).toBe('must be at least "256m"');
  expect(bytesOf("16384g")).toBe(16 * 1024 ** 4);
  expect(bytesOf("16384.001g")).toBe("is more than any machine has");
});

describe("a port is from 1 to 65535, as a number and as text", () => {
  test.each([1, 65_535, "1", "65535"])("%p is one", (Port) => {
    expect(aBottle({ ssh: [anSshEntry({ Port, KnownHostKey: keyOf("ssh-rsa", "k") })] }).ssh[0]?.port).toBe(
      Number(Port),
    );
  });

  test.each([0, 65_536, "0", "65536", 1.5, "1e3", "22.5", "22 ", " 22", "+22", "022", "0x16", ""])(
    "%p is none",
    (Port) => {
      expect(problemsOf({ bottles: { dev: { ssh: [anSshEntry({ Port })] } } })).toEqual([
        `bottles.dev.ssh[0].Port must be a port number from 1 to 65535, not ${JSON.stringify(Port)}`,
      ]);
    },
  );
});

/** The key alone, as known_hosts has it, made of these strings, and of bytes that belong to none. */
function keyOf(...strings: (string | Buffer)[]): string {
  const parts = strings.map((one) => {
    if (typeof one !== "string") return one;
    const head = Buffer.alloc(4);
    head.writeUInt32BE(one.length);
    return Buffer.concat([head, Buffer.from(one)]);
  });
  return `ssh-rsa ${Buffer.concat(parts).toString("base64")}`;
}

describe("the strings in a host key fill it exactly", () => {
  test.each([
    ["two", keyOf("ssh-rsa", "k")],
    ["the last one empty", keyOf("ssh-rsa", "k", "")],
  ])("%s", (_, key) => {
    expect(parseHostKey(key)).toEqual({ ok: true, key, names: undefined });
  });

  test.each([
    ["none", keyOf()],
    ["the type alone", keyOf("ssh-rsa")],
    ["of another type", keyOf("ssh-dss", "k")],
    ["half a length behind them", keyOf("ssh-rsa", "k", Buffer.from([0, 0, 0]))],
    ["a string that is one byte short", keyOf("ssh-rsa", Buffer.from([0, 0, 0, 2, 1]))],
  ])("not %s", (_, key) => {
    expect(parseHostKey(key)).toEqual({ ok: false, problem: "has no valid ssh-rsa key after its type" });
  });
});

test("a pattern has up to 200 characters", () => {
  expect(findPatternProblem("a".repeat(200))).toBeUndefined();
  expect(findPatternProblem("a".repeat(201))).toBe("is longer than 200 characters");
});

test("a ? in known_hosts is one character, also at the end of the name", () => {
  expect(findNameProblem("a.exampl?", "a.example", 22)).toBeUndefined();
  expect(findNameProblem("a.example?", "a.example", 22)).toContain("is the key of");
  expect(findNameProblem("a.example*", "a.example", 22)).toBeUndefined();
  expect(findNameProblem("a.exampl*e", "a.example", 22)).toBeUndefined();
  expect(findNameProblem("*?", "a", 22)).toBeUndefined();
  expect(findNameProblem("*??", "a", 22)).toContain("is the key of");
});

test("a manifest has up to 1 MiB", () => {
  const text = '{ "bottles": {} }';
  const padded = (bytes: number) => aFile(text + " ".repeat(bytes - text.length));
  expect(parseManifests([padded(1024 * 1024)]).bottles.size).toBe(0);
  expect(complaintAbout(padded(1024 * 1024 + 1))).toContain("the file is larger than 1 MiB");
});

test("a manifest is nested up to 32 levels", () => {
  const nested = (depth: number) => parseSource(`${"[".repeat(depth)}${"]".repeat(depth)}`).problems;
  expect(nested(32)).toEqual([]);
  expect(nested(33)).toEqual([{ offset: 0, path: "", message: "is nested deeper than 32 levels" }]);
});

test("fifty problems are told whole, and of more how many", () => {
  const manifest = (count: number) => ({
    bottles: Object.fromEntries(Array.from({ length: count }, (_, index) => [`b${index}`, { wrong: 1 }])),
  });
  expect(problemsOf(manifest(50))).toHaveLength(50);
  expect(problemsOf(manifest(50)).at(-1)).toContain("bottles.b49.wrong");
  expect(problemsOf(manifest(51)).slice(49)).toEqual([
    expect.stringContaining("bottles.b49.wrong"),
    "and 1 more",
  ]);
});

test("a place is right at the first and the last character of a line, and of what is no object", () => {
  const { positionOf } = parseSource("{\n\n}\n");
  expect([0, 1, 2, 3, 4, 5].map((offset) => Object.values(positionOf(offset)).join(":"))).toEqual([
    "1:1",
    "1:2",
    "2:1",
    "3:1",
    "3:2",
    "4:1",
  ]);
  expect(complaintAbout(aFile("\n  []"))).toContain("claude-bottle.json:2:3");
});

test("a secret's host that is granted for nothing is told so, and not for SSH", () => {
  const dev = (more: object) => ({
    bottles: { dev: { env: { T: { value: "?t", hosts: ["a.example"] } }, ...more } },
  });
  expect(problemsOf(dev({})).join()).toContain("is not allowed by this bottle; add it to egress.allowlist");
  const ssh = [anSshEntry({ Hostname: "a.example" })];
  expect(problemsOf(dev({ ssh })).join()).toContain("is allowed for SSH only");
});
