/** Flags of `start` that contradict each other are refused before anything is read or asked. */
import { expect, test } from "bun:test";
import { BottleError } from "../../../src/core/error.ts";
import { command } from "../../../src/cli/commands/start.ts";
import { failureOf } from "../../support/failure.ts";
import { aCommandHome } from "../../support/run-command.ts";

const manifest = '{ "bottles": { "b": {} }, "agents": { "hello": { "bottle": "b" } } }\n';
const away = () => Promise.reject(new BottleError({ code: "engine-unreachable", message: "Away" }));
const refused = "Cannot run";

test.each([
  [{ json: true }, "--json needs --dry-run or --detach"],
  [{ json: true, detach: true }, undefined],
  [{ json: true, "dry-run": true }, undefined],
  [{ clipboard: true, detach: true }, "--clipboard needs a terminal"],
  [{ clipboard: true, detach: true, "dry-run": true }, undefined],
  [{ clipboard: true }, undefined],
  [{ notify: true }, "--notify needs --detach"],
  [{ notify: true, detach: true }, undefined],
])("%j", async (flags, state) => {
  // No engine is there, so what is not refused ends behind the words
  const { run } = await aCommandHome({ "claude-bottle.json": manifest }, { observe: away });
  const { message } = await failureOf(run(command, { agent: "hello", yes: true, empty: true, ...flags }));
  expect(message.startsWith(refused) ? message : undefined).toBe(
    state === undefined ? undefined : `${refused} "claude-bottle start": ${state}`,
  );
});
