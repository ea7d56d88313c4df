import { describe, expect, test } from "bun:test";
import { readSettings } from "../../../src/session/settings.ts";

describe("readSettings()", () => {
  test("has a default for everything, and takes an empty variable for an unset one", () => {
    const defaults = readSettings({});
    expect(defaults).toMatchObject({
      platform: "docker",
      image: undefined,
      baseImage: "node:22-bookworm-slim",
      filter: "pipelock",
      isDryRun: false,
      labels: {},
    });
    expect(defaults.pipelockImage).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(readSettings({ CLAUDE_BOTTLE_EGRESS: "", CLAUDE_BOTTLE_IMAGE: "" })).toEqual(defaults);
  });

  test("reads every override", () => {
    expect(
      readSettings({
        CLAUDE_BOTTLE_IMAGE: "mine:1",
        CLAUDE_BOTTLE_BASE_IMAGE: "base:1",
        CLAUDE_BOTTLE_PIPELOCK_IMAGE: "mirror/pipelock:2.3.0",
        CLAUDE_BOTTLE_EGRESS: "builtin",
        CLAUDE_BOTTLE_DRY_RUN: "1",
        CLAUDE_BOTTLE_CLAUDE_VERSION: "2.1.400",
        CLAUDE_BOTTLE_CA_CERTS: "ca.pem",
        CLAUDE_BOTTLE_LABELS: "team=red,run=a=b",
      }),
    ).toEqual({
      platform: "docker",
      image: "mine:1",
      baseImage: "base:1",
      claudeVersion: "2.1.400",
      certificatesPath: "ca.pem",
      pipelockImage: "mirror/pipelock:2.3.0",
      filter: "builtin",
      isDryRun: true,
      labels: { team: "red", run: "a=b" },
      choices: {
        filter: { what: "filter", value: "2.3", by: undefined, over: undefined },
        platform: { what: "platform", value: "docker", by: undefined, over: undefined },
      },
    });
  });

  test("takes another release of pipelock by its name, unless an image is named", () => {
    const images = ["", "2.3", "3.5"].map(
      (name) => readSettings({ CLAUDE_BOTTLE_FILTER: name }).pipelockImage,
    );
    expect(images[0]).toBe(images[1] ?? "");
    expect(images[2]).not.toBe(images[1]);
    const named = { CLAUDE_BOTTLE_FILTER: "3.5", CLAUDE_BOTTLE_PIPELOCK_IMAGE: "mirror/pipelock:1" };
    expect(readSettings(named).pipelockImage).toBe("mirror/pipelock:1");
  });

  test.each([
    [{ CLAUDE_BOTTLE_FILTER: "3" }, 'CLAUDE_BOTTLE_FILTER="3": it must be 2.3 or 3.5'],
    [{ CLAUDE_BOTTLE_PLATFORM: "podman" }, 'CLAUDE_BOTTLE_PLATFORM="podman": it must be docker'],
    [{ CLAUDE_BOTTLE_EGRESS: "none" }, 'CLAUDE_BOTTLE_EGRESS="none": it must be pipelock or builtin'],
    [
      { CLAUDE_BOTTLE_CLAUDE_VERSION: "latest" },
      'CLAUDE_BOTTLE_CLAUDE_VERSION="latest": it must be a release such as',
    ],
    [{ CLAUDE_BOTTLE_DRY_RUN: "yes" }, 'CLAUDE_BOTTLE_DRY_RUN="yes": it must be 1 or 0'],
    [{ CLAUDE_BOTTLE_LABELS: "team" }, 'CLAUDE_BOTTLE_LABELS="team": it must be key=value,key2=value2'],
  ])("refuses %j", (env, problem) => {
    expect(() => readSettings(env)).toThrow(`Cannot use ${problem}`);
  });
});
