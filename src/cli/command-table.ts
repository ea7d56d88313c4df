/** The commands by name. Each is loaded when it is run, so that start-up costs one command and not all of them. */
import type { CommandTable } from "./args/command-entry.ts";

export const commandTable: CommandTable = {
  start: {
    description: "Run Claude Code in a bottle that holds only what the manifest grants",
    takesRest: true,
    load: () => import("./commands/start.ts"),
  },
  run: {
    description: "Run Claude Code without a terminal: a prompt in, its answer out; for scripts and CI",
    takesRest: true,
    load: () => import("./commands/run.ts"),
  },
  list: {
    description: "List running bottles, or the manifest's agents",
    load: () => import("./commands/list.ts"),
  },
  attach: {
    description: "Join your terminal to a running bottle's claude",
    load: () => import("./commands/attach.ts"),
  },
  stop: {
    description: "End bottles: their work is brought back, the rest destroyed",
    isVariadic: true,
    load: () => import("./commands/stop.ts"),
  },
  exec: {
    description: "Run a command in a running bottle",
    takesRest: true,
    restName: "COMMAND",
    load: () => import("./commands/exec.ts"),
  },
  shell: { description: "Open a shell in a running bottle", load: () => import("./commands/shell.ts") },
  cp: {
    description: "Copy files and folders out of a running bottle, or into it",
    load: () => import("./commands/cp.ts"),
  },
  logs: {
    description: "Show what a bottle's sidecar noted, also after its end",
    load: () => import("./commands/logs.ts"),
  },
  allow: {
    description: "Let a running bottle reach one more host",
    load: () => import("./commands/allow.ts"),
  },
  deny: {
    description: "Refuse a host to a running bottle, and cut what is open to it",
    load: () => import("./commands/deny.ts"),
  },
  egress: {
    description: "Show what a running bottle reached, tried to reach, and was refused",
    load: () => import("./commands/egress.ts"),
  },
  diff: {
    description: "Show what an agent has changed in its bottle; while it runs, as seen from within",
    load: () => import("./commands/diff.ts"),
  },
  pull: {
    description: "Bring an agent's commits and changes into your repository",
    sweepsItself: true,
    load: () => import("./commands/pull.ts"),
  },
  sessions: {
    description: "List what was kept of sessions",
    load: () => import("./commands/sessions.ts"),
  },
  show: {
    description: "Show the record of one session",
    load: () => import("./commands/show.ts"),
  },
  resume: {
    description: "Go on with a session in a new bottle",
    takesRest: true,
    load: () => import("./commands/resume.ts"),
  },
  info: {
    description: "Show what an agent is granted, or where a bottle's secrets went",
    load: () => import("./commands/info.ts"),
  },
  init: { description: "Add an agent to a manifest, step by step", load: () => import("./commands/init.ts") },
  edit: {
    description: "Edit a manifest; it is taken over once it is valid",
    load: () => import("./commands/edit.ts"),
  },
  trust: {
    description: "Approve what an agent is granted, without starting it",
    load: () => import("./commands/trust.ts"),
  },
  untrust: {
    description: "Forget what was approved",
    load: () => import("./commands/untrust.ts"),
  },
  check: { description: "Check the manifests", load: () => import("./commands/check.ts") },
  verify: {
    description: "Prove that nothing gets out of an agent's bottle but what was granted",
    load: () => import("./commands/verify.ts"),
  },
  doctor: {
    description: "Check that this machine can run bottles, and say how to mend what is missing",
    load: () => import("./commands/doctor.ts"),
  },
  build: { description: "Build the image that bottles run", load: () => import("./commands/build.ts") },
  cleanup: {
    description: "Remove what dead sessions left behind",
    sweepsItself: true,
    load: () => import("./commands/cleanup.ts"),
  },
  schema: {
    description: "Print the manifest's JSON Schema for editors",
    load: () => import("./commands/schema.ts"),
  },
  "self-update": {
    description: "Say whether there is a newer release",
    load: () => import("./commands/self-update.ts"),
  },
  completion: {
    description: "Print the script that completes commands, agents and bottles in your shell",
    load: () => import("./commands/completion.ts"),
  },
  "complete-words": {
    description: "Answer a completion script",
    takesRest: true,
    restName: "WORDS",
    isHidden: true,
    load: () => import("./commands/complete-words.ts"),
  },
  "reap-session": {
    description: "Remove all of one session whose launcher died; the reaper's command",
    isHidden: true,
    load: () => import("./commands/reap-session.ts"),
  },
  supervise: {
    description: "Run a session that was started with --detach; what start becomes in the background",
    isHidden: true,
    load: () => import("./commands/supervise.ts"),
  },
  version: { description: "Print the version", load: () => import("./commands/version.ts") },
};
