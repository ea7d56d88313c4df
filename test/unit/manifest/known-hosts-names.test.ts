import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { findNameProblem } from "../../../src/manifest/known-hosts-names.ts";
import { aBottle, anSshEntry, hostKey, problemsOf } from "../../support/manifests.ts";
import { aFolder } from "../../support/temporary.ts";

const testWithSsh = test.skipIf(Bun.which("ssh-keygen") === null);

function hash(name: string, salt = Buffer.alloc(20, 7)): string {
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

/** As the key of a manifest's entry: nothing, or the problem of its KnownHostKey */
function judge(names: string, differences: Record<string, unknown> = {}): string {
  const entry = anSshEntry({ KnownHostKey: `${names} ${hostKey}`, ...differences });
  try {
    aBottle({ ssh: [entry] });
    return "fine";
  } catch {
    return problemsOf({ bottles: { dev: { ssh: [entry] } } }).join("\n");
  }
}

describe("a line of known_hosts is the server's", () => {
  test.each([
    ["gitea.example", 22],
    ["GITEA.example", 22],
    ["gitea.example", 2222],
    ["[gitea.example]:2222", 2222],
    ["[gitea.example]:2222", "2222"],
    ["[gitea.example]:22", 22],
    ["other.example,gitea.example,192.0.2.1", 22],
    ["[other.example]:2222,[gitea.example]:2222", 2222],
    ["*.example", 22],
    ["*.example,!other.example", 22],
    ["gitea.exampl?", 22],
    ["[*.example]:2222", 2222],
    ["[gitea.example]:*", 2222],
    [hash("gitea.example"), 22],
    [hash("gitea.example"), 2222],
    [hash("[gitea.example]:2222"), 2222],
    [hash("[gitea.example]:22"), 22],
  ])("with the names %s on port %p", (names, Port) => {
    expect(judge(names, { Port })).toBe("fine");
  });

  test("where no port is written, on port 22", () => {
    expect(judge(hash("gitea.example"))).toBe("fine");
    expect(judge("[gitea.example]:2222")).toContain('is the key of "[gitea.example]:2222", but Port is 22');
  });

  testWithSsh("as ssh-keygen hashes it", async () => {
    const folder = await aFolder();
    const path = join(folder, "known_hosts");
    await Bun.write(path, `gitea.example ${hostKey}\n[gitea.example]:2222 ${hostKey}\n`);
    await Bun.$`ssh-keygen -q -H -f ${path}`.quiet();
    const [plain = "", withPort = ""] = (await Bun.file(path).text()).split("\n");
    for (const line of [plain, withPort]) expect(line).toStartWith("|1|");
    expect(judge(plain.split(" ")[0] ?? "")).toBe("fine");
    expect(judge(withPort.split(" ")[0] ?? "", { Port: 2222 })).toBe("fine");
    expect(judge(withPort.split(" ")[0] ?? "")).toContain('"[gitea.example]:2222", but Port is 22');
  });
});

describe("a line of known_hosts is not the server's", () => {
  const place = "bottles.dev.ssh[0].KnownHostKey";

  test.each([
    ["other.example", 22, 'is the key of "other.example", but Hostname is "gitea.example"'],
    ["example", 22, 'is the key of "example", but Hostname is "gitea.example"'],
    ["[gitea.example]:2222", 22, 'is the key of "[gitea.example]:2222", but Port is 22'],
    ["[gitea.example]:2222", 2223, 'is the key of "[gitea.example]:2222", but Port is 2223'],
    ["[other.example]:2222", 2222, 'is the key of "[other.example]:2222", but Hostname is "gitea.example"'],
    ["*.other", 22, 'is the key of "*.other", but Hostname is "gitea.example"'],
    ["*.example,!gitea.example", 22, 'leaves out Hostname "gitea.example" by "!gitea.example"'],
    [hash("other.example"), 22, 'is hashed for another name than Hostname "gitea.example"'],
    [hash("[gitea.example]:2222"), 2223, 'is the key of "[gitea.example]:2222", but Port is 2223'],
    ["|1|AAAA|BBBB", 22, "has a hashed name that is not whole"],
    [hash("gitea.example").replace("|1|", "|2|"), 22, "has a hashed name that is not whole"],
  ])("with the names %s on port %p", (names, Port, problem) => {
    expect(judge(names, { Port })).toContain(`${place} ${problem}`);
  });

  test("and how to find the one that is", () => {
    expect(judge(hash("other.example"))).toEndWith(`"ssh-keygen -F gitea.example"`);
    expect(judge(hash("other.example"), { Port: 2222 })).toEndWith(`"ssh-keygen -F '[gitea.example]:2222'"`);
  });

  test("and a port that is none is told once", () => {
    expect(
      problemsOf({ bottles: { dev: { ssh: [anSshEntry({ Port: 0, KnownHostKey: `x ${hostKey}` })] } } }),
    ).toHaveLength(2);
    expect(findNameProblem("[gitea.example]:2222", "gitea.example", undefined)).toBeUndefined();
  });
});

test("a pattern with many stars is judged at once", () => {
  expect(findNameProblem(`${"*a".repeat(2_000)}*b`, "a".repeat(253), 22)).toContain("but Hostname is");
});

testWithSsh("patterns mean what they mean to ssh", async () => {
  const path = join(await aFolder(), "known_hosts");
  const words =
    "a* *a ? a?c *.c a.b !a* [a]:1 [*]:2 a,b *,!b* *,!\\[b* a*c*e [a.b]:2222 [a*]:2222 a**c * a,!a";
  const patterns = words.split(" ");
  await Bun.write(path, patterns.map((names) => `${names} ${hostKey}\n`).join(""));
  const find = async (name: string) => {
    const found = await Bun.$`ssh-keygen -F ${name} -f ${path}`.quiet().nothrow().text();
    return new Set([...found.matchAll(/found: line (\d+)/g)].map(([, line]) => patterns[Number(line) - 1]));
  };
  for (const host of ["a", "b", "abc", "a.c", "a.b", "ace", "abcde"]) {
    const plain = await find(host);
    const withPort = await find(`[${host}]:2222`);
    for (const names of patterns) {
      const isOurs = (port: number) => findNameProblem(names, host, port) === undefined;
      expect([host, names, isOurs(22)]).toEqual([host, names, plain.has(names)]);
      expect([host, names, isOurs(2222)]).toEqual([host, names, plain.has(names) || withPort.has(names)]);
    }
  }
});
