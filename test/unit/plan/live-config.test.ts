import { expect, test } from "bun:test";
import { readListedHosts, renderLiveConfig } from "../../../src/plan/live-config.ts";

const base = {
  version: 1,
  mode: "strict",
  api_allowlist: ["a.test", "b.test"],
  trusted_domains: [] as string[],
  forward_proxy: { enabled: true },
};

test("a host more is a reload, and everything else stays as it was", () => {
  const { text, needsRestart } = render(base, ["a.test", "b.test", "c.test"]);
  expect(needsRestart).toBe(false);
  expect(parse(text)).toEqual({ ...base, api_allowlist: ["a.test", "b.test", "c.test"] });
  expect(readListedHosts(text)).toEqual(["a.test", "b.test", "c.test"]);
});

test("a change can be read back and changed again", () => {
  const first = render(base, ["a.test"], [], "one").text;
  const second = renderLiveConfig(first, { hosts: ["b.test"], privateHosts: [] }, "two").text;
  expect(second).toEndWith("\n# two\n");
  expect(second).not.toContain("# one");
  expect(parse(second)).toMatchObject({ api_allowlist: ["b.test"] });
});

test("what loosens a check needs a start, and taking it away does not", () => {
  const opened = render(base, ["a.test", "10.1.2.3"], ["a.test", "10.1.2.3"]);
  expect(opened.needsRestart).toBe(true);
  expect(parse(opened.text)).toMatchObject({
    trusted_domains: ["a.test"],
    ssrf: { ip_allowlist: ["10.1.2.3/32"] },
  });
  const closed = renderLiveConfig(opened.text, { hosts: ["a.test"], privateHosts: [] }, "x");
  expect(closed.needsRestart).toBe(false);
  expect(parse(closed.text)).not.toHaveProperty("ssrf");
});

test("what pipelock dials behind an upstream proxy stays open, and needs no start again", () => {
  const behind = { ...base, ssrf: { ip_allowlist: ["127.77.0.0/16"] } };
  const { text, needsRestart } = render(behind, ["a.test", "b.test", "c.test"]);
  expect(needsRestart).toBe(false);
  expect(parse(text)).toMatchObject({ ssrf: { ip_allowlist: ["127.77.0.0/16"] } });
});

test("what is inspected stays so, and a new host passes unopened, which needs a start too", () => {
  const inspecting = {
    ...base,
    tls_interception: { enabled: true, ca_cert: "/ca", passthrough_domains: ["b.test"] },
  };
  const { text, needsRestart } = render(inspecting, ["a.test", "b.test", "*.c.test"]);
  expect(needsRestart).toBe(true);
  expect(parse(text)["tls_interception"]).toEqual({
    enabled: true,
    ca_cert: "/ca",
    passthrough_domains: ["*.c.test", "b.test", "c.test"],
  });
});

test("an empty list is never written: strict mode would not start on it", () => {
  expect(readListedHosts(render(base, []).text)).toEqual(["nothing.invalid"]);
});

test.each(["", "{}", '{"mode":"balanced","api_allowlist":[]}', "mode: strict"])(
  "%p is not changed",
  (text) => {
    expect(() => renderLiveConfig(text, { hosts: [], privateHosts: [] }, "x")).toThrow();
  },
);

function render(config: object, hosts: string[], privateHosts: string[] = [], marker = "x") {
  return renderLiveConfig(`${JSON.stringify(config)}\n`, { hosts, privateHosts }, marker);
}

function parse(text: string): Record<string, unknown> {
  return JSON.parse(text.replaceAll(/^#.*$/gm, "")) as Record<string, unknown>;
}
