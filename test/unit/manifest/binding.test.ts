import { describe, expect, test } from "bun:test";
import { aBottle, anSshEntry, complaintAbout, problemsOf } from "../../support/manifests.ts";

const egress = { allowlist: ["h.example", "*.w.example"], private: ["p.example"] };
const problems = (entry: unknown, more: Record<string, unknown> = {}) =>
  problemsOf({ bottles: { dev: { env: { A: entry }, egress, ...more } } });

describe("a secret that is bound to hosts", () => {
  test.each([
    ["${GITEA_PAT}", { kind: "variable", variable: "GITEA_PAT" }],
    ["?your token", { kind: "prompt", question: "your token" }],
    ["literal-token", { kind: "literal", value: "literal-token" }],
  ] as const)("takes its value from %j as a plain one does", (value, read) => {
    const entry = aBottle({
      env: { A: { value, hosts: ["H.example.", "a.w.example", "p.example"] } },
      egress,
    }).env[0];
    expect(entry?.value).toEqual(read);
    expect(entry?.hosts).toEqual(["h.example", "a.w.example", "p.example"]);
  });

  test("beside a plain one, which has no hosts", () => {
    expect(aBottle({ env: { A: "x" } }).env[0]?.hosts).toBeUndefined();
  });

  test.each([
    [{ value: "x", hosts: [] }, "bottles.dev.env.A.hosts is empty; name at least one host"],
    [{ value: "x" }, "bottles.dev.env.A.hosts is missing"],
    [{ hosts: ["h.example"] }, "bottles.dev.env.A.value is missing"],
    [{ value: 3, hosts: ["h.example"] }, "bottles.dev.env.A.value must be a string, not a number"],
    [{ value: "x", hosts: "h.example" }, "bottles.dev.env.A.hosts must be a list, not a string"],
    [
      { value: "a${B}", hosts: ["h.example"] },
      "bottles.dev.env.A.value mixes ${…} with other text; only a whole value can be ${NAME}",
    ],
    [
      { value: "x", hosts: ["*.w.example"] },
      'bottles.dev.env.A.hosts[0] "*.w.example" is a pattern; a secret is for hosts that are named one by one',
    ],
    [{ value: "x", hosts: ["https://h.example"] }, "it has a scheme; write the host alone"],
    [
      { value: "x", hosts: ["h.example", "H.EXAMPLE"] },
      'bottles.dev.env.A.hosts[1] "h.example" is listed twice',
    ],
    [{ value: "x", hosts: ["other.example"] }, "is not allowed by this bottle; add it to egress.allowlist"],
    [{ value: "x", hosts: ["api.anthropic.com"] }, "takes Claude's own credential and no other"],
    [3, "bottles.dev.env.A must be a string, not a number"],
    [[], "bottles.dev.env.A must be a string, not a list"],
  ])("%j is refused", (entry, message) => {
    expect(problems(entry)).toEqual([expect.stringContaining(message)]);
  });

  test("has its unknown keys reported beside the rest", () => {
    expect(problems({ value: "x", host: ["h.example"] })).toEqual([
      "bottles.dev.env.A.hosts is missing",
      'bottles.dev.env.A.host is not a known key; did you mean "hosts"?',
    ]);
  });

  test("needs TLS on port 443 that nobody else opens", () => {
    const entry = { value: "x", hosts: ["gitea.example"] };
    const ssh = [anSshEntry({ Port: 30_009 })];
    expect(problems(entry, { ssh })).toEqual([expect.stringContaining("is allowed for SSH only")]);
    const both = { private: ["gitea.example"] };
    expect(aBottle({ env: { A: entry }, ssh, egress: both }).env).toHaveLength(1);
    expect(problems(entry, { ssh: [anSshEntry({ Port: 443 })], egress: both })).toEqual([
      expect.stringContaining("is allowed for SSH on port 443"),
    ]);
    expect(problems(entry, { egress: { http: ["gitea.example"] } })).toEqual([
      expect.stringContaining("is allowed for plain http only"),
    ]);
  });

  test("may be on an inspected host, unless pipelock opens it", () => {
    const entry = { value: "x", hosts: ["gitea.example"] };
    for (const host of ["gitea.example", "*.gitea.example"]) {
      const egress = { inspect: [host] };
      expect(aBottle({ env: { A: entry }, egress }).env).toHaveLength(1);
      expect(problems(entry, { egress: { inspect: [{ host, by: "pipelock" }] } })).toEqual([
        expect.stringContaining("is opened by pipelock"),
      ]);
    }
  });

  test("has problems with their place, and none shows a value", () => {
    const text =
      '{ "bottles": { "dev": { "env": {\n  "A": { "value": "hunter2${X}", "hosts": ["h.example"] } } } } }';
    expect(complaintAbout(text)).toContain("claude-bottle.json:2:19  bottles.dev.env.A.value mixes");
    expect(complaintAbout(text)).toContain("claude-bottle.json:2:44  bottles.dev.env.A.hosts[0]");
    expect(complaintAbout(text)).not.toContain("hunter2");
  });
});
