import { describe, expect, test } from "bun:test";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import { renderPipelockConfig } from "../../../src/plan/pipelock-config.ts";
import { aBottle, aPlan, anSshEntry } from "../../support/manifests.ts";

function planFor(keys: Record<string, unknown>) {
  const bottle = aBottle(keys);
  const destinations = makeDestinations(bottle);
  return aPlan({ auth: bottle.auth, egress: { filter: "pipelock", pipelockImage: "p", destinations } });
}

const configOf = (keys: Record<string, unknown>) => JSON.parse(renderPipelockConfig(planFor(keys), "2.3.0"));

describe("renderPipelockConfig()", () => {
  test("enforces an allowlist, and keeps its own endpoints to itself", () => {
    expect(configOf({})).toMatchObject({
      mode: "strict",
      enforce: true,
      fetch_proxy: { listen: "127.0.0.1:8889" },
      forward_proxy: { enabled: true, sni_verification: true },
      request_body_scanning: { enabled: true, action: "block" },
      dlp: { scan_env: false },
      metrics_listen: "127.0.0.1:9091",
      sentry: { enabled: false },
    });
  });

  test("gives equal bytes for equal plans, in whatever order the hosts are granted", () => {
    const one = planFor({ egress: { allowlist: ["b.example", "a.example"], private: ["c.example"] } });
    const other = planFor({ egress: { private: ["c.example"], allowlist: ["a.example", "B.example."] } });
    expect(renderPipelockConfig(other, "2.3.0")).toBe(renderPipelockConfig(one, "2.3.0"));
  });

  test("lists the API for the gate, and each host once however many ports it has", () => {
    const egress = { allowlist: ["gitea.example", "*.a.example"] };
    expect(configOf({ egress, ssh: [anSshEntry()] }).api_allowlist).toEqual([
      "*.a.example",
      "api.anthropic.com",
      "gitea.example",
    ]);
    expect(configOf({ auth: "env" }).api_allowlist).toEqual(["api.anthropic.com"]);
  });

  test("trusts private names by name and private addresses by address, and no others", () => {
    const config = configOf({
      egress: { allowlist: ["a.example"], private: ["git.lan.example", "10.0.0.2"] },
    });
    expect(config.trusted_domains).toEqual(["git.lan.example"]);
    expect(config.ssrf).toEqual({ ip_allowlist: ["10.0.0.2/32"] });
    expect(configOf({}).trusted_domains).toEqual([]);
    expect(configOf({}).ssrf).toBeUndefined();
  });

  test("trusts the sidecar's own loopback alone, and only behind an upstream proxy", () => {
    const plan = planFor({ egress: { private: ["10.0.0.2"] } });
    const proxy = {
      host: "proxy.corp",
      port: 1,
      hasCredentials: true,
      variable: "X",
      direct: [],
      nameservers: [],
    };
    const behind = { ...plan, egress: { ...plan.egress, proxy } };
    const text = renderPipelockConfig(behind, "2.3.0");
    expect(JSON.parse(text).ssrf).toEqual({ ip_allowlist: ["10.0.0.2/32", "127.77.0.0/16"] });
    expect(text).not.toContain("proxy.corp");
  });

  test("opens nothing unless a host is to be inspected", () => {
    expect(configOf({ egress: { allowlist: ["a.example"] } }).tls_interception).toBeUndefined();
  });

  test("passes everything but the inspected hosts, and a pattern's own name too", () => {
    const egress = {
      allowlist: ["a.example", "*.b.example"],
      inspect: [{ host: "api.c.example", by: "pipelock" }],
    };
    const { tls_interception: interception } = configOf({ egress, ssh: [anSshEntry()] });
    expect(interception.passthrough_domains).toEqual([
      "*.b.example",
      "a.example",
      "api.anthropic.com",
      "b.example",
      "gitea.example",
    ]);
  });

  test("opens nothing that the gate looks at by itself", () => {
    const egress = { inspect: ["a.example", { host: "b.example", by: "pipelock" }] };
    expect(configOf({ egress }).tls_interception.passthrough_domains).toContain("a.example");
    expect(configOf({ egress: { inspect: ["a.example"] } }).tls_interception).toBeUndefined();
  });

  test("does not let an inspected host pass under a wider pattern", () => {
    const egress = {
      allowlist: ["*.c.example", "c.example"],
      inspect: [{ host: "api.c.example", by: "pipelock" }],
    };
    expect(configOf({ egress }).tls_interception.passthrough_domains).toEqual([
      "api.anthropic.com",
      "c.example",
    ]);
  });
});
