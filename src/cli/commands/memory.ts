/** `claude-bottle memory`: what an agent made of Claude's own memory of a project, and taking it over after a look. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import { escapeForTerminal, escapeLines } from "../../core/text.ts";
import { findMemoryFolder } from "../../host/claude/project-memory.ts";
import { compareMemory, takeMemory } from "../../host/claude/take-memory.ts";
import type { MemoryChange } from "../../host/claude/take-memory.ts";
import { askYesNo, canAsk } from "../../host/prompt.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import { shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { findRecord } from "../../session/resolve/find-receipt.ts";
import type { CommandData } from "../args/command-data.ts";
import { yesArgument } from "../args/arguments.ts";
import { describeChanges, nameLeft } from "../render/memory-changes.ts";

export const examples = [
  "claude-bottle memory k3f9q2         # what the agent would have Claude remember, and a question",
  "claude-bottle memory k3f9q2 --yes   # take it; look at it first",
] as const;

export const command = defineCommand({
  meta: { name: "memory" },
  args: {
    session: {
      type: "positional",
      required: true,
      description: 'Id of a session as "claude-bottle sessions" shows it',
    },
    ...yesArgument,
  },
  async run({ args, data }) {
    const { world } = (data as CommandData).app;
    const receipt = await findRecord(world, args.session);
    const { memory, workspace } = receipt;
    if (!memory || workspace === undefined) throw noMemory(receipt);
    const folder = await findMemoryFolder(world, workspace);
    const changes = await compareMemory(recordFolder(stateFolder(world), receipt.session), folder, memory);
    world.stdout.write(escapeLines(describeChanges(changes)));
    for (const sentence of memory.refused) world.stderr.write(`Not pulled: ${escapeForTerminal(sentence)}\n`);
    return settle(world, { folder, changes, name: receipt.bottleName }, args.yes === true);
  },
});

interface Compared {
  readonly folder: string;
  readonly changes: readonly MemoryChange[];
  readonly name: string;
}

async function settle(world: World, { folder, changes, name }: Compared, isYes: boolean): Promise<ExitCode> {
  const { stderr } = world;
  const shown = escapeForTerminal(shortenPath(folder, { cwd: "/", home: world.home }));
  const record = nameLeft(changes);
  if (record !== undefined) stderr.write(record);
  if (!changes.some((one) => one.state === "open")) {
    if (record === undefined) stderr.write(`Nothing of ${escapeForTerminal(name)} is left to take.\n`);
    return record === undefined ? exitCodes.ok : exitCodes.failure;
  }
  if (!isYes && !canAsk(world)) {
    stderr.write("Nothing was taken; --yes takes it.\n");
    return exitCodes.failure;
  }
  const warning = `Claude reads ${shown} at each start in that folder, outside of any bottle too.\n`;
  if (!isYes) stderr.write(warning);
  if (!isYes && !askYesNo("Take this?", "--yes")) {
    stderr.write("Nothing was taken.\n");
    return exitCodes.failure;
  }
  const left = await takeMemory(folder, changes);
  for (const path of left) stderr.write(`Not taken: ${path} was changed just now\n`);
  stderr.write(`Taken into ${shown}.\n`);
  return left.length === 0 && record === undefined ? exitCodes.ok : exitCodes.failure;
}

function noMemory({ bottleName, end }: Receipt): BottleError {
  const isRunning = end === "running";
  return new BottleError({
    code: "input",
    message: `Cannot show what ${escapeForTerminal(bottleName)} would remember: ${isRunning ? "nothing of it was pulled yet" : "it did not carry Claude's memory of a project"}`,
    hint: isRunning
      ? `Pull it first, or wait for its end.`
      : 'Write "claude": { "remember": true } in its agent, and start it with a folder.',
  });
}
