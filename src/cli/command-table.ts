/** The commands by name. Each is loaded when it is run, so that start-up costs one command and not all of them. */
import type { CommandTable } from "./args/command-entry.ts";

export const commandTable: CommandTable = {
  start: {
    description: "Run Claude Code in a bottle that holds only what the manifest grants",
    group: "Work",
    takesRest: true,
    load: () => import("./commands/start.ts"),
  },
  run: {
    description: "Run Claude Code without a terminal: a prompt in, its answer out; for scripts and CI",
    group: "Work",
    takesRest: true,
    load: () => import("./commands/run.ts"),
  },
  list: {
    description: "List running bottles, or the agents of the manifest",
    group: "Work",
    aliases: ["ls", "ps"],
    load: () => import("./commands/list.ts"),
  },
  watch: {
    description: "Watch running bottles on the whole screen, and answer what they ask",
    group: "Work",
    load: () => import("./commands/watch.ts"),
  },
  attach: {
    description: "Connect your terminal to Claude in a running bottle",
    group: "Work",
    load: () => import("./commands/attach.ts"),
  },
  stop: {
    description: "Stop bottles: their work is pulled, the rest is removed",
    group: "Work",
    aliases: ["rm"],
    isVariadic: true,
    load: () => import("./commands/stop.ts"),
  },
  restart: {
    description: "Restart a service of a running bottle",
    group: "Work",
    load: () => import("./commands/restart.ts"),
  },
  exec: {
    description: "Run a command in a running bottle",
    group: "Work",
    takesRest: true,
    restName: "COMMAND",
    load: () => import("./commands/exec.ts"),
  },
  shell: {
    description: "Open a shell in a running bottle",
    group: "Work",
    load: () => import("./commands/shell.ts"),
  },
  cp: {
    description: "Copy files and folders out of a running bottle, or into it",
    group: "Work",
    load: () => import("./commands/cp.ts"),
  },
  egress: {
    description: "Show what a running bottle reached and what was blocked",
    group: "Network",
    load: () => import("./commands/egress.ts"),
  },
  logs: {
    description: "Show sidecar logs, including those of ended sessions, or a service's log",
    group: "Network",
    load: () => import("./commands/logs.ts"),
  },
  allow: {
    description: "Let a running bottle reach one more host",
    group: "Network",
    load: () => import("./commands/allow.ts"),
  },
  deny: {
    description: "Block a host and close its connections",
    group: "Network",
    load: () => import("./commands/deny.ts"),
  },
  freeze: {
    description: "Stop all that runs in a bottle, cut its connections; thaw undoes it",
    group: "Network",
    load: () => import("./commands/freeze.ts"),
  },
  thaw: {
    description: "Let a frozen bottle go on",
    group: "Network",
    load: () => import("./commands/thaw.ts"),
  },
  why: {
    description: "Say whether a host may be reached, and by which rule",
    group: "Network",
    load: () => import("./commands/why.ts"),
  },
  learn: {
    description: "Add blocked hosts of past sessions to the manifest, one by one",
    group: "Network",
    isVariadic: true,
    load: () => import("./commands/learn.ts"),
  },
  port: {
    description: "Open a port of a running bottle on this machine's loopback",
    group: "Network",
    isVariadic: true,
    load: () => import("./commands/port.ts"),
  },
  diff: {
    description: "Show what an agent has changed",
    group: "Results",
    load: () => import("./commands/diff.ts"),
  },
  pull: {
    description: "Bring an agent's commits and changes into your repository",
    group: "Results",
    sweepsItself: true,
    load: () => import("./commands/pull.ts"),
  },
  merge: {
    description: "Merge an agent's work into the branch that is checked out here",
    group: "Results",
    load: () => import("./commands/merge.ts"),
  },
  memory: {
    description: "Show what an agent would have Claude remember of a project, and take it",
    group: "Results",
    load: () => import("./commands/memory.ts"),
  },
  sessions: {
    description: "List past sessions",
    group: "Results",
    load: () => import("./commands/sessions.ts"),
  },
  show: {
    description: "Show the record of one session",
    group: "Results",
    load: () => import("./commands/show.ts"),
  },
  resume: {
    description: "Continue a past session in a new bottle",
    group: "Results",
    takesRest: true,
    load: () => import("./commands/resume.ts"),
  },
  init: {
    description: "Add an agent to a manifest, step by step",
    group: "Setup",
    load: () => import("./commands/init.ts"),
  },
  edit: {
    description: "Edit a manifest; saved only if valid",
    group: "Setup",
    load: () => import("./commands/edit.ts"),
  },
  check: {
    description: "Check the manifests",
    group: "Setup",
    load: () => import("./commands/check.ts"),
  },
  info: {
    description: "Show what an agent may see and reach, or what a running bottle's secrets were used for",
    group: "Setup",
    load: () => import("./commands/info.ts"),
  },
  trust: {
    description: "Approve what an agent may see and reach, without starting it",
    group: "Setup",
    load: () => import("./commands/trust.ts"),
  },
  untrust: {
    description: "Withdraw an approval",
    group: "Setup",
    load: () => import("./commands/untrust.ts"),
  },
  "ssh-config": {
    description: "Print what lets ssh, editors, scp and rsync reach running bottles as NAME.bottle",
    group: "Setup",
    load: () => import("./commands/ssh-config.ts"),
  },
  "ssh-stream": {
    description: "Carry an ssh connection into a running bottle; what ssh-config has ssh call",
    isHidden: true,
    load: () => import("./commands/ssh-stream.ts"),
  },
  verify: {
    description: "Test that only allowed hosts are reachable from an agent's bottle",
    load: () => import("./commands/verify.ts"),
  },
  doctor: {
    description: "Check that this machine can run bottles, and suggest fixes",
    group: "Setup",
    load: () => import("./commands/doctor.ts"),
  },
  login: {
    description: "Keep Claude's token in the system's keychain",
    group: "Setup",
    load: () => import("./commands/login.ts"),
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
