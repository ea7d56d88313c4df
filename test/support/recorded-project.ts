/** A project with one agent, in front of an engine that records what it is asked for: what an approval lets through. */
import { tryTool } from "../../scripts/lib/run-tool.ts";
import type { RecordingEngine } from "./recording-engine.ts";
import { sourceCommand } from "./run-source.ts";
import { aFolder, aRepository } from "./temporary.ts";

/** The agent is called `a`. Gives what runs a command of the program in the project, without a terminal. */
export async function aRecordedProject(
  engine: RecordingEngine,
  bottle: object,
  files: Readonly<Record<string, string>> = {},
) {
  const home = await aFolder();
  const project = await aRepository({
    ...files,
    "claude-bottle.json": JSON.stringify({ bottles: { b: bottle }, agents: { a: { bottle: "b" } } }),
  });
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    DOCKER_HOST: engine.host,
    CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
    CLAUDE_BOTTLE_EGRESS: "builtin",
    CLAUDE_BOTTLE_IMAGE: "image:1",
  };
  engine.images.set("image:1", "sha256:image");
  return (words: readonly string[]) =>
    tryTool([...sourceCommand, ...words], { cwd: project, env, input: "" });
}

/** Requests that make something on the engine. */
export const creations = ({ requests }: RecordingEngine) =>
  requests.filter(
    ({ method, path }) => method === "POST" && /\/(?:containers|networks|volumes)\//.test(path),
  );
