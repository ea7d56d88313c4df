import { describe, expect, test } from "bun:test";
import { longestText } from "../../../src/core/exec-limits.ts";
import { aManifest, problemsOf } from "../../support/manifests.ts";

const ofBytes = (bytes: number) => "x".repeat(bytes);
const withEnv = (env: Record<string, unknown>) => ({ bottles: { dev: { env } }, agents: {} });
const withAgent = (keys: Record<string, unknown>) => ({
  bottles: { dev: {} },
  agents: { a: { bottle: "dev", ...keys } },
});
/** Its size, as that of a variable `KEY` */
const value = (bytes: number) => ofBytes(bytes - "KEY=".length);
const variable = "with its name, and the kernel takes 131071 in one variable";
const argument = "bytes, and the kernel takes 131071 in one argument";

describe("a text that fits", () => {
  test.each<[string, Record<string, unknown>]>([
    ["in env", withEnv({ KEY: value(longestText) })],
    [
      "bound to a host, since it stays in the sidecar",
      {
        bottles: {
          dev: {
            env: { KEY: { value: value(longestText + 1), hosts: ["a.example"] } },
            egress: { allowlist: ["a.example"] },
          },
        },
      },
    ],
    ["asked for, however long the question", withEnv({ KEY: `?${ofBytes(longestText)}` })],
    ["in arguments", withAgent({ arguments: [ofBytes(longestText)] })],
    ["in the prompt, which is a file", withAgent({ prompt: ofBytes(longestText * 2) })],
    ["in settings that are no variables", withAgent({ settings: { note: ofBytes(longestText * 2) } })],
    ["in a server's env", withAgent({ mcp: { x: { command: "a", env: { KEY: value(longestText) } } } })],
  ])("is taken %s", (_name, content) => {
    expect(aManifest(content).bottles.has("dev")).toBe(true);
  });
});

describe("a text that no program could be started with is refused", () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      "in env",
      withEnv({ KEY: value(longestText + 1) }),
      `bottles.dev.env.KEY is too long: it has 131072 bytes ${variable}`,
    ],
    [
      "by its bytes",
      withEnv({ KEY: "ö".repeat(70_000) }),
      `bottles.dev.env.KEY is too long: it has 140004 bytes ${variable}`,
    ],
    [
      "in arguments",
      withAgent({ arguments: ["a", ofBytes(longestText + 1)] }),
      `agents.a.arguments[1] is too long: it has 131072 ${argument}`,
    ],
    [
      "in settings",
      withAgent({ settings: { env: { KEY: value(longestText + 1) } } }),
      `agents.a.settings.env.KEY is too long: it has 131072 bytes ${variable}`,
    ],
    [
      "in a server's env",
      withAgent({ mcp: { x: { command: "a", env: { KEY: value(longestText + 1) } } } }),
      `agents.a.mcp.x.env.KEY is too long: it has 131072 bytes ${variable}`,
    ],
    [
      "in a server's arguments",
      withAgent({ mcp: { x: { command: "a", args: [ofBytes(longestText + 1)] } } }),
      `agents.a.mcp.x.args[0] is too long: it has 131072 ${argument}`,
    ],
    [
      "in a helper",
      withAgent({ mcp: { x: { type: "http", url: "https://a", headersHelper: ofBytes(longestText + 1) } } }),
      `agents.a.mcp.x.headersHelper is too long: it has 131072 ${argument}`,
    ],
  ])("%s, without a part of it", (_name, content, problem) => {
    expect(problemsOf(content)).toEqual([problem]);
  });
});
