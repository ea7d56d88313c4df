/**
 * What a push asks for, before its pack: https://git-scm.com/docs/pack-protocol#_reference_update_request_and_packfile_transfer. Stricter than
 * git-receive-pack, which reads capabilities after a NUL in any line and ends at any special packet: here both are refused, and what goes
 * on is written anew from what was read.
 */
import { isRefName } from "../../../core/git-rules.ts";
import { malformed, readLine, readPacket, writePacket } from "./pkt-line.ts";

export interface PushCommand {
  /** As hex; all zeros if there is to be none before */
  readonly old: string;
  /** All zeros to delete it */
  readonly new: string;
  readonly ref: string;
}

export interface PushHead {
  /** `sha256` if its ids are so long */
  readonly hash: "sha1" | "sha256";
  readonly shallow: readonly string[];
  readonly commands: readonly PushCommand[];
  readonly capabilities: readonly string[];
  /** Where the pack begins */
  readonly end: number;
}

const maxHeadBytes = 1024 * 1024;
const maxCommands = 1_000;
const commandLine = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (\S+)$/;
const shallowLine = /^shallow ([0-9a-f]{40}|[0-9a-f]{64})$/;
const takenCapabilities =
  /^(?:report-status|report-status-v2|side-band-64k|quiet|atomic|ofs-delta|delete-refs|object-format=(?:sha1|sha256)|agent=[\x21-\x7e]{1,200}|session-id=[\x21-\x7e]{1,200})$/;

/** Undefined as long as not all of it is there. Throws a `GitProblem` for what could be read in two ways. */
export function readPushHead(bytes: Buffer): PushHead | undefined {
  const shallow: string[] = [];
  const commands: PushCommand[] = [];
  let capabilities: string[] | undefined;
  for (let at = 0; ;) {
    const read = readPacket(bytes, at);
    if (at > maxHeadBytes || (!read && bytes.length > maxHeadBytes))
      throw malformed("the push names too many refs");
    if (!read) return undefined;
    at = read.next;
    if (read.packet === "flush")
      return finish({ shallow, commands, capabilities: capabilities ?? [], end: at });
    if (typeof read.packet === "string") throw malformed("a push ends its list of refs with a flush packet");
    const nul = read.packet.indexOf(0);
    if (nul >= 0 && (capabilities || commands.length > 0))
      throw malformed("a push has a NUL in a later line");
    const line = readLine(nul < 0 ? read.packet : read.packet.subarray(0, nul));
    const id = shallowLine.exec(line)?.[1];
    if (id !== undefined && nul < 0 && commands.length === 0) {
      shallow.push(id);
      continue;
    }
    commands.push(readCommand(line));
    if (commands.length > maxCommands) throw malformed(`a push names more than ${maxCommands} refs`);
    if (nul >= 0) capabilities = readCapabilities(readLine(read.packet.subarray(nul + 1)));
  }
}

function readCommand(line: string): PushCommand {
  if (line.startsWith("push-cert")) throw malformed("signed pushes are not taken");
  const [, old = "", next = "", ref = ""] = commandLine.exec(line) ?? [];
  if (ref === "") throw malformed("a line of the push is no command");
  if (!isRefName(ref))
    throw malformed(`the push names a ref that is none, or not in ASCII: ${JSON.stringify(ref)}`);
  return { old, new: next, ref };
}

function readCapabilities(text: string): string[] {
  const all = text.split(" ").filter((one) => one !== "");
  const unknown = all.find((one) => !takenCapabilities.test(one));
  if (unknown === "push-options")
    throw malformed("push options are not taken: they ask a server for more than to keep commits");
  if (unknown !== undefined) throw malformed(`the push asks for ${JSON.stringify(unknown)}`);
  return all;
}

function finish(head: Omit<PushHead, "hash">): PushHead {
  const { shallow, commands, capabilities } = head;
  const ids = [...shallow, ...commands.flatMap((one) => [one.old, one.new])];
  const hash = capabilities.includes("object-format=sha256") ? "sha256" : "sha1";
  if (ids.some((id) => id.length !== (hash === "sha1" ? 40 : 64)))
    throw malformed("the ids of the push are of another length");
  if (new Set(commands.map((one) => one.ref)).size !== commands.length)
    throw malformed("the push names a ref twice");
  if (commands.some((one) => isZero(one.old) && isZero(one.new)))
    throw malformed("the push deletes a ref that is not there");
  return { ...head, hash };
}

/** True for the id of nothing. */
export function isZero(id: string): boolean {
  return /^0+$/.test(id);
}

/** As it goes on to the server. */
export function writePushHead({ shallow, commands, capabilities }: PushHead): Buffer {
  const lines = commands.map((one) => `${one.old} ${one.new} ${one.ref}`);
  return Buffer.concat([
    ...shallow.map((id) => writePacket(`shallow ${id}`)),
    ...lines.map((line, index) => writePacket(index === 0 ? `${line}\0 ${capabilities.join(" ")}` : line)),
    writePacket("flush"),
  ]);
}
