/** Arguments that several commands share, spelled once. */
import type { ArgsDef } from "citty";

export const agentArgument = {
  agent: { type: "positional", required: true, description: "Name of an agent in the manifest" },
} as const satisfies ArgsDef;

/** Where a list can be shown instead */
export const optionalAgentArgument = {
  agent: {
    type: "positional",
    required: false,
    description: "Name of an agent in the manifest; if omitted, you choose from a list",
  },
} as const satisfies ArgsDef;

/** Beside --cwd, and where a session's own folder goes in again */
export const allowHomeArgument = {
  "allow-home": {
    type: "boolean",
    description: "With --cwd: also if this folder is your home folder or holds it",
  },
} as const satisfies ArgsDef;

/** How a bottle is started, with a terminal or without */
export const startArguments = {
  cwd: { type: "boolean", description: "Copy this folder in, and the repository in it; never a mount" },
  empty: {
    type: "boolean",
    description: "Copy nothing in; by default start copies the repository it is run in",
  },
  ...allowHomeArgument,
  name: {
    type: "string",
    valueHint: "NAME",
    description: "Name the bottle NAME-… instead of after its agent",
  },
  "trust-project": {
    type: "boolean",
    description: "With --yes: also accept project files that you have not approved",
  },
  transcript: {
    type: "boolean",
    default: true,
    description: "Keep no transcript of claude's session in its record",
  },
  verbose: { type: "boolean" },
} as const satisfies ArgsDef;

/** On the commands that begin a session at a terminal */
export const keepArgument = {
  keep: { type: "boolean", description: "Keep it running when this terminal is closed" },
} as const satisfies ArgsDef;

/** On the commands that join a terminal to claude */
export const clipboardArgument = {
  clipboard: { type: "boolean", description: "Let the agent write to your clipboard; it never reads it" },
} as const satisfies ArgsDef;

export const bottleArgument = {
  bottle: {
    type: "positional",
    required: true,
    description: 'Name of a running bottle as "claude-bottle list" shows it, or a unique prefix',
  },
} as const satisfies ArgsDef;

/** Where a list can be shown instead */
export const optionalBottleArgument = {
  bottle: {
    type: "positional",
    required: false,
    description: "Name of a running bottle, or a unique prefix; if omitted, you choose from a list",
  },
} as const satisfies ArgsDef;

/** Instead of the agent */
export const serviceArgument = {
  service: {
    type: "string",
    valueHint: "NAME",
    description: "In this service of the bottle, as its own user",
  },
} as const satisfies ArgsDef;

export const hostArgument = {
  host: { type: "positional", required: true, description: "Host name, or *.name for all below it" },
} as const satisfies ArgsDef;

export const hostPortArgument = {
  host: {
    type: "positional",
    required: true,
    description: 'Host name, and :PORT if it is not 443, or "METHOD HOST/PATH"',
  },
} as const satisfies ArgsDef;

export const jsonArgument = {
  json: { type: "boolean", description: "Print JSON on stdout" },
} as const satisfies ArgsDef;

export const yesArgument = {
  yes: { type: "boolean", alias: "y", description: "Do not ask" },
} as const satisfies ArgsDef;

/** On every command; see `run.ts` */
export const commonArguments = {
  verbose: { type: "boolean", description: "Show every step, and the stack of an internal error" },
  timings: { type: "boolean", description: "Print at the end where the time went, without any names" },
  help: { type: "boolean", alias: "h", description: "Show this help" },
} as const satisfies ArgsDef;

/** BOTTLE of commands that concern an agent's work, which may be there longer than its bottle. */
export const workArgument = {
  bottle: {
    type: "positional",
    required: false,
    description:
      "A running bottle, or one whose work is kept: its name, a unique prefix, or the session's id",
  },
} as const satisfies ArgsDef;
