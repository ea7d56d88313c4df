import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SshPlan } from "../../../src/plan/plan.ts";
import { renderSshFiles } from "../../../src/plan/ssh-files.ts";
import { anSshPlan, hostKey } from "../../support/manifests.ts";

const paths = { folder: "/home/agent/.ssh", agentSocket: "/run/agent.sock", proxy: "gate:8888" };
const render = (entries: readonly SshPlan[]) =>
  renderSshFiles(
    entries,
    entries.map(() => hostKey),
    paths,
  );
const contentOf = (entries: readonly SshPlan[], name: string) =>
  render(entries).find((file) => file.name === name)?.content;

/** OpenSSH comes with git nearly everywhere; without it these tests cannot say anything */
const testWithSsh = test.skipIf(Bun.which("ssh") === null);

/** What ssh itself makes of the configuration for a destination. */
async function settingsFor(entries: readonly SshPlan[], words: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "bottle-ssh-"));
  try {
    const config = join(folder, "config");
    await writeFile(config, contentOf(entries, "config") ?? "");
    const child = Bun.spawn(["ssh", "-T", "-G", "-F", config, ...words], { stderr: "pipe", stdout: "pipe" });
    const [text, complaint] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect(complaint).toBe("");
    const lines = text.split("\n").map((line) => line.split(/ (.*)/).slice(0, 2) as [string, string]);
    return {
      first: Object.fromEntries(lines.toReversed()),
      keys: lines.filter(([key]) => key === "identityfile"),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("renderSshFiles()", () => {
  test("makes no file without an entry", () => {
    expect(renderSshFiles([], [], paths)).toEqual([]);
  });

  test("makes a configuration, known hosts and public keys", () => {
    expect(render([anSshPlan()]).map((file) => file.name)).toEqual(["config", "known_hosts", "gitea.pub"]);
    expect(contentOf([anSshPlan()], "config")).toMatchInlineSnapshot(`
      "Host gitea gitea.example
        HostName gitea.example
        User git
        Port 30009
        IdentityFile /home/agent/.ssh/gitea.pub
        IdentitiesOnly yes

      Host *
        IdentityAgent /run/agent.sock
        ProxyCommand nc -X connect -x gate:8888 %h %p
        StrictHostKeyChecking yes
        UserKnownHostsFile /home/agent/.ssh/known_hosts
        GlobalKnownHostsFile /dev/null
        UpdateHostKeys no
        ForwardAgent no
        BatchMode yes
      "
    `);
    expect(contentOf([anSshPlan()], "known_hosts")).toBe(`[gitea.example]:30009 ${hostKey}\n`);
    expect(contentOf([anSshPlan({ port: 22 })], "known_hosts")).toBe(`gitea.example ${hostKey}\n`);
  });

  testWithSsh("is read by ssh as it is meant, by alias and by name", async () => {
    for (const destination of ["gitea", "gitea.example"]) {
      const { first, keys } = await settingsFor([anSshPlan()], [destination]);
      expect(first).toMatchObject({
        hostname: "gitea.example",
        user: "git",
        port: "30009",
        identitiesonly: "yes",
        identityagent: "/run/agent.sock",
        stricthostkeychecking: "true",
        forwardagent: "no",
        proxycommand: "nc -X connect -x gate:8888 %h %p",
      });
      expect(keys).toEqual([["identityfile", "/home/agent/.ssh/gitea.pub"]]);
    }
  });

  testWithSsh("tells two entries of one server apart by alias, and by port", async () => {
    const entries = [
      anSshPlan({ host: "one", user: "first", port: 22 }),
      anSshPlan({ host: "two", user: "second", port: 30_009 }),
    ];
    expect((await settingsFor(entries, ["two"])).first).toMatchObject({ user: "second", port: "30009" });
    const byName = await settingsFor(entries, ["-p", "30009", "gitea.example"]);
    expect(byName.first).toMatchObject({ user: "second" });
    expect(byName.keys).toEqual([["identityfile", "/home/agent/.ssh/two.pub"]]);
  });

  testWithSsh(
    "lets every key be tried where one server and port has two, and does not mix them by alias",
    async () => {
      const entries = [anSshPlan({ host: "one" }), anSshPlan({ host: "two" })];
      expect((await settingsFor(entries, ["two"])).keys).toEqual([
        ["identityfile", "/home/agent/.ssh/two.pub"],
      ]);
    },
  );

  test("leaves out a key whose public half is unknown", () => {
    const files = renderSshFiles([anSshPlan()], [undefined], paths);
    expect(files.map((file) => file.name)).toEqual(["config", "known_hosts"]);
    expect(files[0]?.content).not.toContain("IdentityFile");
  });
});
