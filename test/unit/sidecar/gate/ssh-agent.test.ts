/** The real ssh-agent, spoken to as a bottle can: whom a granted key signs for. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GateSshKey } from "../../../../src/protocol/gate.ts";
import { readAgentMessages } from "../../../../src/sidecar/gate/ssh-agent-messages.ts";
import { makeSshAgentBridge } from "../../../../src/sidecar/gate/ssh-agent-bridge.ts";
import { makeSshAgent } from "../../../../src/sidecar/gate/ssh-agent.ts";
import { makeKeyPair } from "../../../support/ssh-server.ts";
import type { KeyPair } from "../../../support/ssh-server.ts";

// Needs: ssh-keygen, ssh-agent, ssh-add

interface HostKey {
  /** As on the wire */
  readonly blob: Buffer;
  /** `ssh-ed25519 AAAA…` */
  readonly line: string;
  readonly privateKey: KeyObject;
}

/** A `string` of the protocol: its length and its bytes (RFC 4251 §5) */
function text(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function makeHostKey(): HostKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const blob = Buffer.concat([text("ssh-ed25519"), text(raw)]);
  return { blob, line: `ssh-ed25519 ${blob.toString("base64")}`, privateKey };
}

/** One key exchange with the host, told to the agent (`session-bind@openssh.com`, PROTOCOL.agent §1). */
function bind(session: Buffer, host: HostKey): Buffer {
  const signature = Buffer.concat([text("ssh-ed25519"), text(sign(null, session, host.privateKey))]);
  const body = [text("session-bind@openssh.com"), text(host.blob), text(session), text(signature)];
  return text(Buffer.concat([Buffer.from([27]), ...body, Buffer.from([0])]));
}

/** Asks for the signature of a login (RFC 4252 §7). */
function askForLogin(session: Buffer, user: string, publicKey: string): Buffer {
  const key = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  const method = [text("ssh-connection"), text("publickey"), Buffer.from([1]), text("ssh-ed25519")];
  const login = Buffer.concat([text(session), Buffer.from([50]), text(user), ...method, text(key)]);
  return text(Buffer.concat([Buffer.from([13]), text(key), text(login), Buffer.alloc(4)]));
}

const signed = 14;

/** The gate has its agents end with its own process, which this one is not. */
async function endAgents(home: string): Promise<void> {
  const { stdout } = Bun.spawnSync(["ps", "-A", "-o", "pid=,ppid=,args="]);
  for (const line of stdout.toString().split("\n")) {
    const [pid = "", parent = ""] = line.trim().split(/ +/);
    if (Number(parent) === process.pid && line.includes(home)) process.kill(Number(pid), "SIGKILL");
  }
}

async function ask(bridge: Server, messages: readonly Buffer[]): Promise<number | undefined> {
  const socket = connect((bridge.address() as AddressInfo).port, "127.0.0.1");
  const answers = readAgentMessages(socket);
  let last: Buffer | undefined;
  for (const message of messages) {
    socket.write(message);
    last = (await answers.next()).value ?? undefined;
  }
  socket.destroy();
  return last?.[4];
}

/** Whether the agent signs, for a server that has this host key. */
async function signsFor(
  bridge: Server,
  host: HostKey,
  user: string,
  { publicKey }: KeyPair,
): Promise<boolean> {
  const session = randomBytes(32);
  return (await ask(bridge, [bind(session, host), askForLogin(session, user, publicKey)])) === signed;
}

describe("a key in the sidecar", () => {
  const [forge, second, stranger] = [makeHostKey(), makeHostKey(), makeHostKey()];
  let one: KeyPair;
  let shared: KeyPair;
  let bridge: Server;
  let home: string;
  const homeBefore = process.env["HOME"];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "agent-"));
    process.env["HOME"] = home;
    [one, shared] = [await makeKeyPair(), await makeKeyPair()];
    const grant = (key: KeyPair, user: string, host: HostKey): GateSshKey => ({
      privateKey: key.privateKey,
      host: user,
      user,
      hostKey: host.line,
    });
    bridge = await makeSshAgent(
      [grant(one, "git", forge), grant(shared, "git", forge), grant(shared, "deploy", second)],
      () => undefined,
    );
    await once(bridge.listen(0, "127.0.0.1"), "listening");
  });
  afterAll(async () => {
    bridge.close();
    process.env["HOME"] = homeBefore;
    await endAgents(home);
    await rm(home, { recursive: true });
  });

  test("signs for the user of its entry on the entry's server", async () => {
    expect(await signsFor(bridge, forge, "git", one)).toBe(true);
    expect(await signsFor(bridge, forge, "git", shared)).toBe(true);
    expect(await signsFor(bridge, second, "deploy", shared)).toBe(true);
  });

  // Not here: "git\0", which OpenSSH reads as "git", in the agent as in the server
  test.each(["root", "", "gi", "gitt", "GIT", "git ", "git\0root", "*", "gi?", "git@forge"])(
    "signs for no other user of that server: %j",
    async (user) => {
      expect(await signsFor(bridge, forge, user, one)).toBe(false);
    },
  );

  test("signs for no other server, and for none that has not shown its key", async () => {
    expect(await signsFor(bridge, second, "git", one)).toBe(false);
    expect(await signsFor(bridge, stranger, "git", one)).toBe(false);
    expect(await ask(bridge, [askForLogin(randomBytes(32), "git", one.publicKey)])).not.toBe(signed);
  });

  test("that two entries share does not log in at one's server as the other's user", async () => {
    expect(await signsFor(bridge, forge, "deploy", shared)).toBe(false);
    expect(await signsFor(bridge, second, "git", shared)).toBe(false);
  });

  test.each([
    ["a key that is none", { privateKey: "nonsense\n".repeat(200) }, / cannot be loaded: .*\S/],
    ["a host key that is none", { hostKey: "nonsense\u0000\u001b[2J" }, / cannot be loaded: .*\S/],
  ])(
    "that cannot be loaded is told as one short printable line, with no word of it: %s",
    async (_, bad, told) => {
      const good = { privateKey: one.privateKey, host: "a\u001b.test", user: "git", hostKey: forge.line };
      const failed = makeSshAgent([{ ...good, ...bad }], () => undefined);
      const message = await failed.then(
        () => "it was loaded",
        (error: Error) => error.message,
      );
      expect(message).toMatch(told);
      expect(message).toStartWith('the key of ssh host "a\\u001b.test"');
      // oxlint-disable-next-line no-control-regex
      expect(message).not.toMatch(/[\x00-\x1f\x7f-\uffff]/);
      expect(message.replace(/^.* cannot be loaded: /, "").length).toBeLessThanOrEqual(200);
      expect(message).not.toContain(one.privateKey.split("\n")[1] ?? "");
    },
  );

  test("bound to its server alone would sign for root: the constraint is what refuses", async () => {
    const path = join(home, "control");
    const agent = spawn("ssh-agent", ["-D", "-a", path], { stdio: ["ignore", "pipe", "ignore"] });
    const control = makeSshAgentBridge(path);
    try {
      await once(agent.stdout, "data");
      const knownHosts = join(home, "known_hosts");
      await Bun.write(knownHosts, `forge ${forge.line}\n`);
      const add = Bun.spawn(["ssh-add", "-q", "-H", knownHosts, "-h", "forge", "-"], {
        stdin: Buffer.from(one.privateKey),
        env: { ...process.env, SSH_AUTH_SOCK: path },
      });
      expect(await add.exited).toBe(0);
      await once(control.listen(0, "127.0.0.1"), "listening");
      expect(await signsFor(control, forge, "root", one)).toBe(true);
    } finally {
      control.close();
      agent.kill();
    }
  });
});
