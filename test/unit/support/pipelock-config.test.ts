import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../support/pipelock/config.ts";
import { makePolicy } from "../../support/pipelock/policy.ts";
import { RateLimit } from "../../support/pipelock/rate-limit.ts";
import { makeAuthorityFiles } from "../../support/pipelock/make-authority.ts";

// Needs: openssl

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pipelock-config-"));
  path = join(folder, "pipelock.yaml");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(text: string) {
  await writeFile(path, text);
  return loadConfig(path);
}

async function refusalOf(text: string): Promise<string> {
  try {
    await load(text);
  } catch (error) {
    return (error as Error).message.replaceAll(path, "F");
  }
  throw new Error(`It was accepted: ${text}`);
}

const strict = "mode: strict\napi_allowlist: [a.example]\n";

describe("a configuration that is accepted", () => {
  test.each(["", "# nothing\n", "~\n"])("may be empty (%j): balanced, forwarding nothing", async (text) => {
    const config = await load(text);
    expect(config).toMatchObject({ mode: "balanced", enforce: true, allowlist: [], requestsPerMinute: 60 });
    expect(config.forward).toEqual({
      enabled: false,
      maxTunnelSeconds: 300,
      idleSeconds: 120,
      verifiesServerName: true,
    });
    expect(config.body).toMatchObject({ enabled: true, action: "warn", scansHeaders: true });
  });

  test("has the hash of its bytes", async () => {
    expect((await load("mode: balanced\n")).hash).toBe(
      new Bun.CryptoHasher("sha256").update("mode: balanced\n").digest("hex"),
    );
  });

  test("cannot switch limits off with 0 or less", async () => {
    const config = await load(
      "forward_proxy: {max_tunnel_seconds: 0, idle_timeout_seconds: -1}\nfetch_proxy: {monitoring: {max_requests_per_minute: -5}}\n",
    );
    expect(config.forward).toMatchObject({ maxTunnelSeconds: 300, idleSeconds: 120 });
    expect(config.requestsPerMinute).toBe(60);
  });
});

describe("a configuration that is refused", () => {
  test.each([
    [
      "mode: strict\napi_allow: [x]\n",
      "parsing config F: yaml: unmarshal errors:\n  line 2: field api_allow not found in type config.Config",
    ],
    [
      "fetch_proxy:\n  monitoring:\n    max_urls: 1\n",
      "parsing config F: yaml: unmarshal errors:\n  line 3: field max_urls not found in type config.Monitoring",
    ],
    [
      "mode: strict\nmode: audit\n",
      'parsing config F: yaml: unmarshal errors:\n  line 2: mapping key "mode" already defined at line 1',
    ],
    [
      "a2a_scanning: {enabled: true}\n",
      "parsing config F: yaml: unmarshal errors:\n  line 1: field a2a_scanning is known to pipelock but not to its stand-in",
    ],
    ["mode: strict\n---\nmode: audit\n", expect.stringContaining("multiple YAML documents not supported")],
    ["enforce: 1\n", expect.stringContaining("cannot unmarshal !!int `1` into bool")],
    ["- a\n", expect.stringContaining("cannot unmarshal !!seq into config.Config")],
    ["mode: [\n", expect.stringContaining("parsing config F: yaml: line")],
    ["mode: yolo\n", 'invalid config: invalid mode "yolo": must be strict, balanced, or audit'],
    ["mode: strict\n", "invalid config: strict mode requires at least one domain in api_allowlist"],
    ["dlp: {action: block}\n", expect.stringContaining("dlp.action")],
    ["request_body_scanning: {action: ask}\n", expect.stringContaining("must be warn or block")],
    ["response_scanning: {enabled: false}\n", expect.stringContaining("response_scanning.enabled")],
    [`${strict}trusted_domains: ["*"]\n`, expect.stringContaining("bare wildcard")],
    [`${strict}trusted_domains: ["*.lan"]\n`, expect.stringContaining("must target a concrete domain")],
    [`${strict}trusted_domains: ["a:443"]\n`, expect.stringContaining("not a URL or host:port")],
    [`${strict}ssrf: {ip_allowlist: [0.0.0.0/0]}\n`, expect.stringContaining("catch-all (/0)")],
    [`${strict}ssrf: {ip_allowlist: [10.0.0.5/24]}\n`, expect.stringContaining("host bits set")],
    [`${strict}ssrf: {ip_allowlist: ["fd00::1/64"]}\n`, expect.stringContaining("host bits set")],
    [`${strict}ssrf: {ip_allowlist: [10.0.0.5]}\n`, expect.stringContaining("invalid CIDR address")],
    [`${strict}internal: [x/8]\n`, expect.stringContaining("invalid internal CIDR")],
    [`${strict}internal: []\n`, expect.stringContaining("an empty internal list")],
    [
      "metrics_listen: 127.0.0.1:8888\n",
      expect.stringContaining("collides with fetch_proxy.listen port 8888"),
    ],
    ["kill_switch: {api_listen: 127.0.0.1:9}\n", expect.stringContaining("requires kill_switch.api_token")],
  ])("%j", async (text, wanted) => {
    expect(await refusalOf(text)).toEqual(wanted);
  });

  test("is one that is not there", () => {
    const missing = join(folder, "missing.yaml");
    expect(() => loadConfig(missing)).toThrow(
      `reading config ${missing}: open ${missing}: no such file or directory`,
    );
  });
});

describe("the CA for opened TLS", () => {
  const opening = `${strict}tls_interception: {enabled: true, ca_cert: ca.pem, ca_key: ca-key.pem}\n`;
  const start = async () => makePolicy(await load(opening), new RateLimit());

  test("is read from the configuration's folder, in SEC1 form", async () => {
    await makeAuthorityFiles(folder);
    expect((await start()).authority).toBeDefined();
  });

  test("is refused if its key may be read by others", async () => {
    await makeAuthorityFiles(folder);
    await chmod(join(folder, "ca-key.pem"), 0o644);
    expect(await refusalOf(opening)).toContain("is too permissive (mode 0644): restrict to 0600 or 0640");
  });

  test.each([
    [{ keyForm: "pkcs8" } as const, "parse CA key"],
    [{ usage: "digitalSignature" } as const, "missing KeyUsageCertSign"],
    [{ isAuthority: false } as const, "certificate is not a CA"],
  ])("is refused as %j", async (options, wanted) => {
    await makeAuthorityFiles(folder, options);
    expect(start()).rejects.toThrow(wanted);
  });
});
