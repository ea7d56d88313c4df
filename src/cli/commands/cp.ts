/** `claude-bottle cp`: copies files and folders out of a running bottle and into it. */
import { defineCommand } from "citty";
import type { CommandData } from "../args/command-data.ts";
import { copyFiles } from "../copy/copy-files.ts";

export const examples = [
  "claude-bottle cp hello:dist .                     # ./dist, as the agent has it in its workspace",
  "claude-bottle cp hello:dist/. out                 # what is in dist, into ./out",
  "claude-bottle cp notes.txt hello:.                # into the workspace",
  "claude-bottle cp data hello:/tmp                  # the folder data, as /tmp/data",
  "claude-bottle cp hello:dist - | tar -tv           # as a tar on stdout",
  "tar -c src | claude-bottle cp - hello:/tmp        # a tar on stdin, into /tmp",
] as const;

export const command = defineCommand({
  meta: { name: "cp" },
  args: {
    source: {
      type: "positional",
      required: true,
      description:
        "BOTTLE:PATH (:PATH for your only bottle), a path of this machine, or - for a tar on stdin; FOLDER/. for what is in it",
    },
    target: {
      type: "positional",
      required: true,
      description: "BOTTLE:PATH, a path of this machine, or - for a tar on stdout",
    },
  },
  run({ args, data }) {
    return copyFiles((data as CommandData).app, args.source, args.target);
  },
});
