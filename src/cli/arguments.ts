/** Arguments that several commands share, spelled once. */
import type { ArgsDef } from "citty";

export const agentArgument = {
  agent: { type: "positional", required: true, description: "Name of an agent in the manifest" },
} as const satisfies ArgsDef;

export const jsonArgument = {
  json: { type: "boolean", description: "Print JSON on stdout" },
} as const satisfies ArgsDef;

export const yesArgument = {
  yes: { type: "boolean", alias: "y", description: "Do not ask" },
} as const satisfies ArgsDef;

/** On every command; see `run.ts` */
export const commonArguments = {
  verbose: { type: "boolean", description: "Show every step, and the stack of an error that is our fault" },
  help: { type: "boolean", alias: "h", description: "Show this help" },
} as const satisfies ArgsDef;
