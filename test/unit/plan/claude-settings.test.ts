import { describe, expect, test } from "bun:test";
import { makeClaudeSettings } from "../../../src/plan/claude-settings.ts";

describe("makeClaudeSettings()", () => {
  test("keeps the manifest's hooks in front of those of the bottle", () => {
    const own = { hooks: { Stop: [{ hooks: [{ type: "command", command: "mine" }] }] }, theme: "dark" };
    const settings = makeClaudeSettings(own, "/state") as unknown as {
      hooks: Record<string, { hooks: { command: string }[] }[]>;
    };
    expect(settings).toMatchObject({ theme: "dark", skipDangerousModePermissionPrompt: true });
    expect(settings.hooks["Stop"]?.map((one) => one.hooks[0]?.command)).toEqual([
      "mine",
      "printf waiting >/state",
    ]);
    expect(Object.keys(settings.hooks)).toEqual(["Stop", "UserPromptSubmit", "Notification"]);
  });

  test("puts the user's hooks first, and the manifest's other settings in place of the user's", () => {
    const hook = (command: string) => ({ hooks: [{ type: "command", command }] });
    const user = {
      hooks: { Stop: [hook("user's")], PreToolUse: [hook("u")] },
      statusLine: { command: "user's" },
    };
    const own = {
      hooks: { Stop: [hook("manifest's")], SessionEnd: [hook("m")] },
      statusLine: { command: "m" },
    };
    const settings = makeClaudeSettings(own, "/state", user) as unknown as {
      hooks: Record<string, { hooks: { command: string }[] }[]>;
    };
    expect(settings).toMatchObject({ statusLine: { command: "m" } });
    expect(settings.hooks["Stop"]?.map((one) => one.hooks[0]?.command)).toEqual([
      "user's",
      "manifest's",
      "printf waiting >/state",
    ]);
    expect(Object.keys(settings.hooks).toSorted()).toEqual([
      "Notification",
      "PreToolUse",
      "SessionEnd",
      "Stop",
      "UserPromptSubmit",
    ]);
  });

  test("cannot be made to ask, and survives hooks that are none", () => {
    const settings = makeClaudeSettings(
      { skipDangerousModePermissionPrompt: false, hooks: { Stop: 1 } },
      "/state",
    );
    expect(settings["skipDangerousModePermissionPrompt"]).toBe(true);
  });
});
