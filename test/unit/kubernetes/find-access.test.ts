import { describe, expect, test } from "bun:test";
import type { AccessWorld } from "../../../src/kubernetes/access.ts";
import { findAccess } from "../../../src/kubernetes/find-access.ts";
import { failureOf } from "../../support/failure.ts";

function makeWorld(files: Readonly<Record<string, string>>, env: AccessWorld["env"] = {}): AccessWorld {
  return { env, home: "/home/you", readFile: (path) => Promise.resolve(files[path]), now: () => 0 };
}

function config(
  changes: { readonly cluster?: object; readonly user?: object; readonly context?: object } = {},
): string {
  return JSON.stringify({
    "current-context": "work",
    contexts: [
      { name: "work", context: { cluster: "c", user: "u", namespace: "bottles", ...changes.context } },
    ],
    clusters: [{ name: "c", cluster: { server: "https://api.example:6443", ...changes.cluster } }],
    users: [{ name: "u", user: { token: "t0ken", ...changes.user } }],
  });
}

const home = "/home/you/.kube/config";

/** The token as it is sent, which nothing but this shows. */
async function tokenOf(world: AccessWorld): Promise<string | undefined> {
  const { credential } = await findAccess(world);
  return (await credential(false)).token?.reveal();
}

describe("findAccess()", () => {
  test("reads ~/.kube/config, with its certificates", async () => {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const text = `
current-context: work
contexts:
- name: work
  context: {cluster: c, user: u}
clusters:
- name: c
  cluster:
    server: https://api.example:6443/k8s/clusters/c-1/
    certificate-authority-data: ${base64("CA")}
    tls-server-name: inner.example
users:
- name: u
  user:
    client-certificate-data: ${base64("CERT")}
    client-key: keys/you.key
    as: other
    as-groups: [one, two]
`;
    const access = await findAccess(makeWorld({ [home]: text, "/home/you/.kube/keys/you.key": "KEY" }));
    expect(access).toMatchObject({
      url: "https://api.example:6443/k8s/clusters/c-1",
      authority: "CA",
      serverName: "inner.example",
      namespace: "default",
      origin: 'context "work"',
      proxy: undefined,
      impersonation: [
        ["Impersonate-User", "other"],
        ["Impersonate-Group", "one"],
        ["Impersonate-Group", "two"],
      ],
    });
    const credential = await access.credential(false);
    expect(credential).toMatchObject({ certificate: "CERT" });
    expect(credential.key?.reveal()).toBe("KEY");
    expect(credential.token).toBeUndefined();
    expect(Bun.inspect(credential)).not.toContain("KEY");
  });

  test("merges the files of KUBECONFIG: of two entries of one name the first counts", async () => {
    const first = JSON.stringify({ users: [{ name: "u", user: { token: "first" } }] });
    const world = makeWorld({ "/a": first, "/b": config() }, { KUBECONFIG: "/none:/a:/b" });
    expect(await tokenOf(world)).toBe("first");
    expect((await findAccess(world)).namespace).toBe("bottles");
  });

  test("takes the context and the namespace that it is told", async () => {
    const more = JSON.stringify({ contexts: [{ name: "other", context: { cluster: "c", user: "u" } }] });
    const world = makeWorld({ "/a": config(), "/b": more }, { KUBECONFIG: "/a:/b" });
    expect(await findAccess(world, { context: "other", namespace: "mine" })).toMatchObject({
      origin: 'context "other"',
      namespace: "mine",
    });
  });

  test("reads a token's file anew for each call", async () => {
    const files: Record<string, string> = {
      [home]: config({ user: { tokenFile: "/tokens/mine" } }),
      "/tokens/mine": "one\n",
    };
    const { credential } = await findAccess(makeWorld(files));
    expect((await credential(false)).token?.reveal()).toBe("one");
    files["/tokens/mine"] = "two\n";
    expect((await credential(false)).token?.reveal()).toBe("two");
    files["/tokens/mine"] = "";
    expect((await failureOf(credential(false))).message).toBe(
      'Cannot reach a cluster: "/tokens/mine" has no token',
    );
  });

  test("finds the cluster that it runs in", async () => {
    const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    const files = {
      [`${folder}/ca.crt`]: "CA",
      [`${folder}/token`]: "inner",
      [`${folder}/namespace`]: "ci\n",
    };
    const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    const access = await findAccess(makeWorld(files, env));
    expect(access).toMatchObject({ url: "https://[fd00::1]:443", authority: "CA", namespace: "ci" });
    expect((await access.credential(false)).token?.reveal()).toBe("inner");
    // A kubeconfig is somebody's choice, and comes first
    expect(await findAccess(makeWorld({ ...files, [home]: config() }, env))).toMatchObject({
      namespace: "bottles",
    });
  });

  test.each([
    ["no file", {}, "there is no ~/.kube/config"],
    ["no YAML", { [home]: "users: [token: t0ken" }, `"${home}" is not YAML`],
    ["no context", { [home]: "{}" }, "no context is chosen"],
    [
      "an unknown context",
      { [home]: JSON.stringify({ "current-context": "gone\u001b" }) },
      `there is no context "gone\\x1b" in "${home}"`,
    ],
    [
      "an unknown user",
      { [home]: config({ context: { user: "nobody" } }) },
      `context "work" names the user "nobody", which is not in "${home}"`,
    ],
    [
      "no TLS",
      { [home]: config({ cluster: { server: "http://127.0.0.1:8001" } }) },
      '"http://127.0.0.1:8001" is without TLS, and secrets would go over it',
    ],
    ["no server", { [home]: config({ cluster: { server: "api" } }) }, '"api" is not the address of a server'],
    [
      "no verification",
      { [home]: config({ cluster: { "insecure-skip-tls-verify": true } }) },
      "the kubeconfig says not to verify the server, and secrets would go to whoever answers",
    ],
    [
      "a file that is missing",
      { [home]: config({ cluster: { "certificate-authority": "ca.pem" } }) },
      '"ca.pem" is not there or cannot be read',
    ],
    [
      "a password",
      { [home]: config({ user: { username: "you", password: "t0ken" } }) },
      'the kubeconfig\'s user has "username", which clusters do not take any more',
    ],
  ])("refuses %s, and shows no token", async (_name, files, words) => {
    const error = await failureOf(findAccess(makeWorld(files as Record<string, string>)));
    expect(error.message).toBe(`Cannot reach a cluster: ${words}`);
    expect(error.hint).toBeDefined();
    expect(`${error.message}${error.hint}`).not.toContain("t0ken");
  });
});

describe("the proxy on the way", () => {
  const proxied = { HTTPS_PROXY: "http://proxy:3128" };
  test.each([
    ["https://api.example", proxied, "http://proxy:3128"],
    ["https://api.example", {}, undefined],
    ["https://api.example", { ...proxied, NO_PROXY: ".example" }, undefined],
    ["https://api.example", { ...proxied, no_proxy: "other.example" }, "http://proxy:3128"],
    ["https://10.0.0.1", proxied, "http://proxy:3128"],
    ["https://10.0.0.1", { ...proxied, NO_PROXY: "10.0.0.1" }, undefined],
    ["https://127.0.0.1:6443", proxied, undefined],
    ["https://localhost:6443", proxied, undefined],
  ])("to %s with %j is %p", async (server, env, proxy) => {
    const world = makeWorld({ [home]: config({ cluster: { server } }) }, env);
    expect((await findAccess(world)).proxy).toBe(proxy as string);
  });

  test("is the kubeconfig's own where it names one", async () => {
    const text = config({ cluster: { "proxy-url": "http://own:1" } });
    expect((await findAccess(makeWorld({ [home]: text }, proxied))).proxy).toBe("http://own:1");
  });
});
