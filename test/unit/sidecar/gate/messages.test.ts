import { describe, expect, test } from "bun:test";
import { parseGateMessage } from "../../../../src/sidecar/gate/messages.ts";

const secret = "canary-8f1c";
const whole = {
  type: "configure",
  address: "10.213.0.2",
  peer: "10.213.0.3",
  destinations: [
    { host: "*.example.com", port: 443, protocol: "tls", isPrivate: false },
    {
      host: "a.test",
      port: 443,
      protocol: "tls",
      isPrivate: false,
      inspect: { allow: ["env:A", "npm-token"] },
    },
  ],
  own: [{ rule: "env:A", value: `two\nlines of ${secret}`, isInBottle: true, isSure: true }],
  filter: "pipelock",
  proxy: {
    host: "proxy.corp",
    port: 3128,
    authorization: `Basic ${secret}`,
    direct: ["corp.lan", "*"],
    nameservers: ["10.0.0.53"],
  },
  api: {
    host: "api.example",
    isPrivate: false,
    credential: { header: "authorization", value: `Bearer ${secret}` },
  },
  sshKeys: [
    {
      privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----\n`,
      host: "gitea",
      user: "git",
      hostKey: "ssh-ed25519 AAAAC3Nz",
    },
  ],
  inspect: { caDirectory: "/run/ca" },
  ports: { proxy: 0, api: 0, sshAgent: 0, pipelock: 8889 },
};

describe("a configuration", () => {
  test("is read as it was sent", () => {
    expect(parseGateMessage(JSON.stringify(whole)) as unknown).toEqual(whole);
    const { address: _address, peer: _peer, api: _api, inspect: _inspect, ports: _ports, ...least } = whole;
    expect(parseGateMessage(JSON.stringify(least)) as unknown).toEqual(least);
  });

  test.each([
    ["type", "hello"],
    ["address", "0.0.0.0"],
    ["address", "::"],
    ["address", "gate"],
    ["peer", "0.0.0.0"],
    ["peer", "agent"],
    ["destinations", undefined],
    ["destinations", {}],
    ["destinations", [{ ...whole.destinations[0], host: "Example.com" }]],
    ["destinations", [{ ...whole.destinations[0], host: "*" }]],
    ["destinations", [{ ...whole.destinations[0], port: 0 }]],
    ["destinations", [{ ...whole.destinations[0], port: "443" }]],
    ["destinations", [{ ...whole.destinations[0], protocol: "udp" }]],
    ["destinations", [{ ...whole.destinations[0], isPrivate: 1 }]],
    ["destinations", [{ ...whole.destinations[0], extra: 1 }]],
    ["filter", undefined],
    ["filter", "none"],
    ["api", { ...whole.api, host: "*.example" }],
    ["api", { ...whole.api, credential: { header: "cookie", value: secret } }],
    ["api", { ...whole.api, credential: { header: "authorization", value: `${secret}\r\nX: y` } }],
    ["api", { ...whole.api, credential: { header: "authorization", value: "" } }],
    ["sshKeys", undefined],
    ["sshKeys", [{ ...whole.sshKeys[0], hostKey: `ssh-ed25519 AAAA\n* ssh-ed25519 BBBB` }]],
    ["sshKeys", [{ ...whole.sshKeys[0], user: undefined }]],
    ["sshKeys", [{ ...whole.sshKeys[0], user: "" }]],
    ["sshKeys", [{ ...whole.sshKeys[0], user: "-oProxyCommand=x" }]],
    ["sshKeys", [{ ...whole.sshKeys[0], user: "gi?" }]],
    ["sshKeys", [{ ...whole.sshKeys[0], user: "*" }]],
    ["sshKeys", [{ ...whole.sshKeys[0], user: "git@example.com" }]],
    ["sshKeys", [{ ...whole.sshKeys[0], user: "git>root" }]],
    ["sshKeys", [{ ...whole.sshKeys[0], privateKey: secret }]],
    ["inspect", { caDirectory: "relative" }],
    ["destinations", [{ ...whole.destinations[0], inspect: true }]],
    ["destinations", [{ ...whole.destinations[0], inspect: { allow: ["a b"] } }]],
    ["own", [{ rule: "token", value: secret, isInBottle: false }]],
    ["own", [{ rule: `env:${secret}\n`, value: "x", isInBottle: false, isSure: true }]],
    ["own", [{ rule: "token", value: "", isInBottle: false, isSure: true }]],
    ["proxy", { ...whole.proxy, host: "*.corp" }],
    ["proxy", { ...whole.proxy, port: 0 }],
    ["proxy", { ...whole.proxy, authorization: "Basic a\r\nX: y" }],
    ["proxy", { ...whole.proxy, direct: ["a b"] }],
    ["proxy", { ...whole.proxy, nameservers: ["dns.corp"] }],
    ["proxy", { ...whole.proxy, extra: 1 }],
    ["ports", { proxy: 1 }],
    ["unknown", 1],
  ])("with a wrong %s is refused by the name of the field", (field, value) => {
    const broken = { ...whole, [field]: value };
    const error = errorOf(JSON.stringify(broken));
    expect(error).toContain(field === "unknown" ? "message has an unknown field" : `message.${field}`);
    expect(error).not.toContain(secret);
  });

  test.each([`{"type":"configure","x":"${secret}"`, secret, "", "null", "[]", `"${secret}"`])(
    "%p is refused without quoting it",
    (line) => {
      expect(errorOf(line)).not.toContain(secret);
    },
  );
});

function errorOf(line: string): string {
  try {
    parseGateMessage(line);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("not refused");
}
