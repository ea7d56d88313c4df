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

  test("cannot be made to ask, and survives hooks that are none", () => {
    const settings = makeClaudeSettings(
      { skipDangerousModePermissionPrompt: false, hooks: { Stop: 1 } },
      "/state",
    );
    expect(settings["skipDangerousModePermissionPrompt"]).toBe(true);
  });
});
