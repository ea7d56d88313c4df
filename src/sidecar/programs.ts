/** The programs that run inside containers, as text, and how the gate is put to work without a file or a volume. */
import canaryText from "./bundled/canary.txt" with { type: "text" };
import collectText from "./bundled/collect.txt" with { type: "text" };
import copyText from "./bundled/copy.txt" with { type: "text" };
import gateText from "./bundled/gate.txt" with { type: "text" };
import probeText from "./bundled/probe.txt" with { type: "text" };
import sshText from "./bundled/ssh.txt" with { type: "text" };
import requestText from "./bundled/request.txt" with { type: "text" };
import behindText from "./entry-behind.pl" with { type: "text" };
import waitText from "./entry-wait.pl" with { type: "text" };
import entryText from "./entry.sh" with { type: "text" };
import holdText from "./hold.sh" with { type: "text" };
import saveWorktreesText from "./save-worktrees.sh" with { type: "text" };
import type { CollectRequest } from "../protocol/collect.ts";
import type { CopyRequest } from "../protocol/copy.ts";
import { withVersion } from "../protocol/gate.ts";
import type { GateConfiguration, GateMessage } from "../protocol/gate.ts";
import type { SshServerRequest } from "../protocol/ssh-server.ts";
import type { CanaryRequest, ProbeTask } from "../protocol/probe.ts";

/** CommonJS for Node 22; made by `scripts/bundle-sidecar.ts` */
const gateProgram: string = gateText;

/** CommonJS for Node 22: brings out what an agent made */
const collectProgram: string = collectText;

/** CommonJS for Node 22: sends and takes files */
const copyProgram: string = copyText;

/** CommonJS for Node 22: tries to get out of a bottle */
const probeProgram: string = probeText;

/** CommonJS for Node 22: listens where no bottle may be heard */
const canaryProgram: string = canaryText;

/** CommonJS for Node 22: starts an ssh server for one connection */
const sshProgram: string = sshText;

/** For the agent itself: asks the user for a host */
export const requestProgram: string = `#!/usr/bin/env node\n${requestText}`;

/** Main process of the agent's container until claude takes its place */
export const entryProgram: string = fillIn(entryText, {
  "@entry-wait.pl@": waitText,
  "@entry-behind.pl@": behindText,
});

/** Run in the agent's container before that ends */
export const saveWorktreesProgram: string = saveWorktreesText;

/** Run in the agent's container to stop all of its processes */
export const holdProgram: string = holdText;

/**
 * Reads the program itself from stdin (a decimal length line, then that many bytes) and runs it with the rest of stdin as its
 * channel. So the container needs no file of ours, its file system can be read-only, and what follows never touches a disk.
 */
const bootstrap = `
let seen = Buffer.alloc(0);
const end = () => process.exit(1);
process.stdin.on("end", end).on("readable", function read() {
  for (let chunk; (chunk = process.stdin.read()) !== null; ) seen = Buffer.concat([seen, chunk]);
  const start = seen.indexOf(10) + 1;
  const stop = start + Number(seen.toString("latin1", 0, start));
  if (start === 0 || seen.length < stop) return;
  process.stdin.off("readable", read).off("end", end);
  if (seen.length > stop) process.stdin.unshift(seen.subarray(stop));
  const program = new (require("module"))("gate");
  program.paths = [];
  program._compile(seen.toString("utf8", start, stop), "gate.js");
});
`;

/** Command of every container that runs a program of ours: the gate's, the collector's, the copier's, a canary's, and the probe's in claude's place */
export const programCommand: readonly string[] = ["node", "-e", bootstrap.trim()];

/**
 * Command of a gate. Node's own choice keeps three times as much of what thousands of requests add. But searching takes up to 1.6 times as
 * long with the smaller heap, so a gate that searches what is sent runs without it.
 */
export function gateCommand({ inspect }: Pick<GateConfiguration, "inspect">): readonly string[] {
  const [node = "", ...words] = programCommand;
  return inspect ? programCommand : [node, "--optimize-for-size", ...words];
}

/** What is written to the collector's stdin: the program and its one request. */
export function renderCollectInput(request: CollectRequest): Uint8Array {
  return renderProgramInput(collectProgram, [request]);
}

/** What is written to the copier's stdin first. */
export function renderCopyInput(request: CopyRequest): Uint8Array {
  return renderProgramInput(copyProgram, [request]);
}

/** What is written first to the program that starts an ssh server. */
export function renderSshInput(request: SshServerRequest): Uint8Array {
  return renderProgramInput(sshProgram, [request]);
}

/** What is written to the probe's stdin: the program and all that it is to try. */
export function renderProbeInput(tasks: readonly ProbeTask[]): Uint8Array {
  return renderProgramInput(probeProgram, [tasks]);
}

/** What is written to a canary's stdin. */
export function renderCanaryInput(request: CanaryRequest): Uint8Array {
  return renderProgramInput(canaryProgram, [request]);
}

/** What is written to the gate's stdin first. */
export function renderGateInput(messages: readonly GateMessage[]): Uint8Array {
  return renderProgramInput(
    gateProgram,
    messages.map((message) => withVersion(message)),
  );
}

function renderProgramInput(program: string, messages: readonly object[]): Uint8Array {
  const text = Buffer.from(program, "utf8");
  const lines = messages.map((message) => `${JSON.stringify(message)}\n`).join("");
  return Buffer.concat([Buffer.from(`${text.length}\n`), text, Buffer.from(lines)]);
}

/** Puts programs of another language into a shell's, each as one quoted word without the comment at its head. */
function fillIn(text: string, programs: Readonly<Record<string, string>>): string {
  const quote = (program: string) =>
    `'${program
      .replace(/^(?:#.*\n)+/, "")
      .trimEnd()
      .replaceAll("'", "'\\''")}'`;
  return Object.entries(programs).reduce(
    (filled, [place, program]) => filled.replace(place, () => quote(program)),
    text,
  );
}
