import { describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePluginSource } from "../../../src/kubernetes/credential-plugin.ts";
import { failureOf } from "../../support/failure.ts";

const cluster = { server: "https://api.example", authority: "CA" };

interface Plugin extends AsyncDisposable {
  readonly ask: (isRefused?: boolean) => ReturnType<ReturnType<typeof makePluginSource>>;
  readonly clock: { now: number };
  /** What it was told, once for each run */
  runs(): Promise<string[]>;
}

/** A program that says this, as the kubeconfig names it. */
async function makePlugin(script: string, fields: object = {}): Promise<Plugin> {
  const folder = await mkdtemp(join(tmpdir(), "plugin-"));
  const log = join(folder, "log");
  await writeFile(log, "");
  await writeFile(
    join(folder, "plugin"),
    `#!/bin/sh\nprintf '%s %s %s\\n' "$1" "$OWN" "$KUBERNETES_EXEC_INFO" >>"$LOG"\n${script}\n`,
    {
      mode: 0o755,
    },
  );
  const clock = { now: 0 };
  const source = makePluginSource(
    {
      env: { PATH: process.env["PATH"], LOG: log },
      home: folder,
      readFile: () => Promise.resolve(undefined),
      now: () => clock.now,
    },
    {
      folder,
      fields: {
        apiVersion: "client.authentication.k8s.io/v1",
        command: "./plugin",
        args: ["word"],
        env: [{ name: "OWN", value: "mine" }],
        ...fields,
      },
    },
    cluster,
  );
  return {
    clock,
    ask: (isRefused = false) => source(isRefused),
    runs: async () => (await readFile(log, "utf8")).split("\n").filter((line) => line !== ""),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function says(status: object): string {
  return `cat <<'END'\n${JSON.stringify({ kind: "ExecCredential", status })}\nEND`;
}

describe("a credential plugin", () => {
  test("gives a token, and is told where it is for", async () => {
    await using plugin = await makePlugin(says({ token: "t0ken" }));
    expect((await plugin.ask()).token?.reveal()).toBe("t0ken");
    const [run = ""] = await plugin.runs();
    expect(run).toStartWith("word mine ");
    expect(JSON.parse(run.slice("word mine ".length))).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: {
        interactive: false,
        cluster: {
          server: "https://api.example",
          "certificate-authority-data": Buffer.from("CA").toString("base64"),
        },
      },
    });
  });

  test("gives a certificate", async () => {
    await using plugin = await makePlugin(says({ clientCertificateData: "CERT", clientKeyData: "KEY" }));
    const credential = await plugin.ask();
    expect(credential).toMatchObject({ certificate: "CERT" });
    expect(credential.key?.reveal()).toBe("KEY");
  });

  test("is run once, until what it gave ends or is refused", async () => {
    const status = { token: "t0ken", expirationTimestamp: "1970-01-01T00:10:00Z" };
    await using plugin = await makePlugin(says(status));
    await Promise.all([plugin.ask(), plugin.ask()]);
    await plugin.ask();
    expect(await plugin.runs()).toHaveLength(1);
    await plugin.ask(true);
    expect(await plugin.runs()).toHaveLength(2);
    plugin.clock.now = 595_000;
    await Promise.all([plugin.ask(), plugin.ask()]);
    expect(await plugin.runs()).toHaveLength(3);
  });

  test("is asked again after a failure", async () => {
    await using plugin = await makePlugin(
      `[ "$(wc -l <"$LOG")" -gt 1 ] || exit 3\n${says({ token: "later" })}`,
    );
    await failureOf(plugin.ask());
    expect((await plugin.ask()).token?.reveal()).toBe("later");
  });

  test.each([
    ["echo s3cret >&2; exit 3", {}, "it ended with 3"],
    ["echo s3cret", {}, "what it says is not JSON"],
    [says({ other: "s3cret" }), {}, "it gave neither a token nor a certificate"],
    [
      says({}),
      { interactiveMode: "Always" },
      "it asks for something at a terminal, which is the agent's here",
    ],
    [
      says({}),
      { apiVersion: "client.authentication.k8s.io/v1alpha1" },
      'the kubeconfig asks it for "client.authentication.k8s.io/v1alpha1", which is not spoken here',
    ],
  ])(
    "that gives nothing is an error that says why, and not what it said: %s",
    async (script, fields, why) => {
      await using plugin = await makePlugin(script, fields);
      const error = await failureOf(plugin.ask());
      expect(error.message).toBe(
        `Cannot reach a cluster: the credential plugin "./plugin" gives nothing: ${why}`,
      );
      expect(Bun.inspect(error)).not.toContain("s3cret");
    },
  );

  test("that is not there is named, with the kubeconfig's own words for how to install it", async () => {
    await using plugin = await makePlugin("", { command: "no-such-plugin", installHint: "get\u001b it" });
    const error = await failureOf(plugin.ask());
    expect(error.message).toStartWith(
      'Cannot reach a cluster: the credential plugin "no-such-plugin" gives nothing: ',
    );
    expect(error.hint).toBe('Install it: "get\\x1b it"');
  });
});
