import { expect, test } from "bun:test";
import { findUpstreamProxy, readProxyAuthorization } from "../../../../src/session/decide/upstream-proxy.ts";
import { failureOf } from "../../../support/failure.ts";

const find = (env: Record<string, string>) => findUpstreamProxy(env);

test("the proxy of the environment is the plan's, without its credentials", async () => {
  const plan = await find({ HTTPS_PROXY: "http://robot:p%40ss@Proxy.Corp:3128/", NO_PROXY: ".corp.lan" });
  expect(plan).toMatchObject({
    variable: "HTTPS_PROXY",
    host: "proxy.corp",
    port: 3128,
    hasCredentials: true,
    direct: ["corp.lan", "proxy.corp"],
  });
  expect(JSON.stringify(plan)).not.toMatch(/robot|p%40ss|p@ss/);
});

test("the credentials are what the proxy wants to see, and do not print", async () => {
  const env = { https_proxy: "http://robot:p%40ss@proxy.corp:3128" };
  const secret = readProxyAuthorization(env, await find(env));
  expect(secret?.reveal()).toBe(`Basic ${Buffer.from("robot:p@ss").toString("base64")}`);
  expect(String(secret)).toBe("[secret]");
  const plain = { https_proxy: "proxy.corp:3128" };
  expect(readProxyAuthorization(plain, await find(plain))).toBeUndefined();
});

test("lower case is read before upper case, and the variable of this program before both", async () => {
  const env = {
    HTTPS_PROXY: "http://upper:1",
    https_proxy: "http://lower:2",
    no_proxy: "a.lan",
    NO_PROXY: "b.lan",
  };
  expect(await find(env)).toMatchObject({ host: "lower", port: 2, direct: ["a.lan", "lower"] });
  const own = await find({ ...env, CLAUDE_BOTTLE_PROXY: "http://host.bottle:3128" });
  expect(own).toMatchObject({ variable: "CLAUDE_BOTTLE_PROXY", host: "host.bottle", port: 3128 });
  expect(await find({ ...env, CLAUDE_BOTTLE_PROXY: "none" })).toBeUndefined();
  expect(await find({ HTTPS_PROXY: "", HTTP_PROXY: "http://other:1" })).toBeUndefined();
});

test.each([
  [
    "http://127.0.0.1:3128",
    "its proxy is on this machine's loopback",
    "CLAUDE_BOTTLE_PROXY=http://host.bottle:3128",
  ],
  [
    "localhost:8080",
    "its proxy is on this machine's loopback",
    "CLAUDE_BOTTLE_PROXY=http://host.bottle:8080",
  ],
  ["https://proxy.corp:443", "it begins with https://", "by http://"],
  ["socks5://proxy.corp:1080", "it begins with socks5://", "by http://"],
  ["http://[::1]:3128", "IPv6 addresses are not supported", "http://HOST:PORT"],
  ["http://robot:hunter2@", "it is not the address of a proxy", "http://HOST:PORT"],
])("%s is refused with what works, and its password is not told", async (value, state, hint) => {
  const { message, hint: advice } = await failureOf(find({ HTTPS_PROXY: value }));
  const complaint = `${message}\n${advice}`;
  expect(complaint).toContain("Cannot use the proxy of HTTPS_PROXY: ");
  expect(complaint).toContain(state);
  expect(complaint).toContain(hint);
  expect(complaint).toContain("CLAUDE_BOTTLE_PROXY=none");
  expect(complaint).not.toContain("hunter2");
});
