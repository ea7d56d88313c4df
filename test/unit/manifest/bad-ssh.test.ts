import { describe, expect, test } from "bun:test";
import { anSshEntry, complaintAbout, hostKey, problemsOf } from "../../support/manifests.ts";

const withBottle = (bottle: string) => `{\n  "bottles": { "dev": ${bottle} }\n}`;
const problemsWith = (differences: Record<string, unknown>) =>
  problemsOf({ bottles: { dev: { ssh: [anSshEntry(differences)] } } });

describe("a manifest is refused that", () => {
  test("has an ssh entry without a pinned key", () => {
    const { KnownHostKey: _key, ...entry } = anSshEntry();
    expect(complaintAbout(withBottle(`{ "ssh": [${JSON.stringify(entry)}] }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 1 problem
      claude-bottle.json:2:33  bottles.dev.ssh[0].KnownHostKey is missing; get it with "ssh-keyscan -t ed25519 -p PORT HOSTNAME" and compare it with what the server's owner publishes
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("pins another host's key under a hostile user name and port", () => {
    const entry = anSshEntry({
      KnownHostKey: `other.example ${String(anSshEntry()["KnownHostKey"])}`,
      User: "git\nProxyCommand touch /tmp/x",
      Port: 70_000,
    });
    expect(complaintAbout(withBottle(`{ "ssh": [\n${JSON.stringify(entry)}] }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 3 problems
      claude-bottle.json:3:51  bottles.dev.ssh[0].User must hold only letters, digits, '.', '_' and '-', not "git\\nProxyCommand touch /tmp/x"
      claude-bottle.json:3:126  bottles.dev.ssh[0].KnownHostKey is the key of "other.example", but Hostname is "gitea.example"
      claude-bottle.json:3:230  bottles.dev.ssh[0].Port must be a port number from 1 to 65535, not 70000
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("uses an ssh alias twice, and a key file that nobody can find", () => {
    const entries = [anSshEntry(), anSshEntry({ IdentityFile: "id_ed25519" })];
    expect(complaintAbout(withBottle(`{ "ssh": ${JSON.stringify(entries)} }`))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:2:223  bottles.dev.ssh[1].Host "gitea" is listed twice
      claude-bottle.json:2:286  bottles.dev.ssh[1].IdentityFile must be an absolute path or begin with ~/, not "id_ed25519"
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("opens what must stay closed", () => {
    const ssh = JSON.stringify([anSshEntry()]);
    const bottle = `{ "ssh": ${ssh},\n"egress": { "inspect": ["*.anthropic.com", { "host": "gitea.example", "by": "pipelock" }] } }`;
    expect(complaintAbout(withBottle(bottle))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:3:25  bottles.dev.egress.inspect[0] covers "api.anthropic.com", which takes Claude's own credential, and only the gate talks to it
      claude-bottle.json:3:44  bottles.dev.egress.inspect[1] covers the ssh host "gitea.example", and SSH cannot be opened
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });
});

describe("an entry under ssh is refused", () => {
  test.each([
    ["Host", "git*", "must begin with"],
    ["Host", "a b", "must begin with"],
    ["Host", "!gitea", "must begin with"],
    ["Hostname", "gitea.example:30009", '"gitea.example:30009" is not a host name: it has a port'],
    ["Hostname", "*.gitea.example", '"*.gitea.example" is not a host name'],
    ["Hostname", "gitea.example\nProxyCommand x", "is not a host name"],
    ["User", "git ProxyCommand", "must hold only"],
    ["User", "-oProxyCommand=x", "must hold only"],
    ["User", "git@example.com", "must hold only"],
    ["User", "*", "must hold only"],
    ["User", "", "must hold only"],
    ["Port", 0, "must be a port number from 1 to 65535, not 0"],
    ["Port", 22.5, "must be a port number from 1 to 65535, not 22.5"],
    ["Port", "022", 'must be a port number from 1 to 65535, not "022"'],
    ["Port", "65536", 'must be a port number from 1 to 65535, not "65536"'],
    ["Port", "22\nProxyCommand x", "must be a port number from 1 to 65535"],
    ["Port", null, "must be a port number from 1 to 65535, not null"],
    ["IdentityFile", "id", "must be an absolute path or begin with ~/"],
    ["IdentityFile", "~root/.ssh/id", "must be an absolute path or begin with ~/"],
    ["IdentityFile", "/a\nb", "holds a control character"],
    ["KnownHostKey", "", "must hold a key type"],
    ["KnownHostKey", `${hostKey}\nother ${hostKey}`, "must be one line"],
    [
      "KnownHostKey",
      `@cert-authority *.example ${hostKey}`,
      "begins with @cert-authority, so it is no server's",
    ],
    ["KnownHostKey", `@revoked gitea.example ${hostKey}`, "begins with @revoked, so ssh refuses this key"],
    ["KnownHostKey", `a b ${hostKey}`, "must be one host, one key type and one key"],
    ["KnownHostKey", "ssh-ed25519", "has no valid ssh-ed25519 key after its type"],
    ["KnownHostKey", hostKey.slice(0, -8), "has no valid ssh-ed25519 key after its type"],
    ["KnownHostKey", hostKey.replace("ssh-ed25519", "ssh-rsa"), "has no valid ssh-rsa key after its type"],
  ])("whose %s is %j", (key, value, problem) => {
    const [first = "", ...more] = problemsWith({ [key]: value });
    expect(first).toStartWith(`bottles.dev.ssh[0].${key} `);
    expect(first).toContain(problem);
    expect(more).toEqual([]);
  });

  test("without showing a private key that was pasted for its file's name", () => {
    const pasted = "-----BEGIN PRIVATE KEY----- MC4CAQAwBQYDK2VwBCIEIHNlY3JldA -----END PRIVATE KEY-----";
    expect(problemsWith({ IdentityFile: pasted, KnownHostKey: pasted }).join("\n")).not.toContain("MC4C");
  });

  test("whose alias is the name of another entry's server", () => {
    const ssh = [anSshEntry({ Host: "b.example" }), anSshEntry({ Host: "b", Hostname: "b.example" })];
    expect(problemsOf({ bottles: { dev: { ssh } } })).toEqual([
      'bottles.dev.ssh[0].Host "b.example" is the Hostname of another entry; choose another alias',
    ]);
  });
});

test("a key for one port is not held against a port that is none", () => {
  const problemsFor = (Port: unknown) =>
    problemsOf({
      bottles: { dev: { ssh: [anSshEntry({ Port, KnownHostKey: `[gitea.example]:30009 ${hostKey}` })] } },
      agents: { helper: { bottle: "dev" } },
    });
  expect(problemsFor(22)).toEqual([expect.stringContaining("KnownHostKey")]);
  for (const Port of ["x22", "22x", "", {}]) {
    const problems = problemsFor(Port);
    expect([Port, problems.some((one) => one.includes("ssh[0].Port"))]).toEqual([Port, true]);
    expect([Port, problems.some((one) => one.includes("KnownHostKey"))]).toEqual([Port, false]);
  }
});
