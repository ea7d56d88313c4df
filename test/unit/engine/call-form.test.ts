import { describe, expect, test } from "bun:test";
import { callForm } from "../../../src/engine/call-form.ts";

describe("an engine call without names", () => {
  test.each([
    ["POST", "/containers/claude-bottle-secret-x1/start", "POST /containers/…/start"],
    ["GET", "/images/registry.example:5000/team/agent:1/json", "GET /images/…/json"],
    ["POST", "/containers/create", "POST /containers/create"],
    ["DELETE", "/volumes/claude-bottle-x-work?force=true", "DELETE /volumes/…"],
    ["POST", "/networks/0123abc/connect", "POST /networks/…/connect"],
    ["GET", "/info", "GET /info"],
  ])("%s %s", (method, path, form) => {
    expect(callForm(method, path)).toBe(form);
  });
});
