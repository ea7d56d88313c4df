/** The program that starts an ssh server in a bottle, with a server that a test stands in for. `ssh-stream.test.ts` has a real one. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { programCommand, renderSshInput } from "../../../src/sidecar/programs.ts";
import { aFolder } from "../../support/temporary.ts";

// Needs: node

/** Puts the stand-in in the server's place, where there is to be one */
const shim = `const fs = require("node:fs");
const childProcess = require("node:child_process");
const { existsSync } = fs;
fs.existsSync = (path) => path === "/usr/sbin/sshd" ? process.env.NO_SERVER === undefined : existsSync(path);
const { spawn } = childProcess;
childProcess.spawn = (server, words, options) =>
  spawn(process.execPath, [process.env.STAND_IN, server, ...words], options);`;

/** Tells what it was started with and what its files hold, sends back what it gets until that ends, and ends with 7 */
const standIn = `const fs = require("node:fs");
const { dirname } = require("node:path");
const [server, ...words] = process.argv.slice(2);
const path = words.at(-1);
const folder = dirname(path);
const files = Object.fromEntries(fs.readdirSync(folder).map((name) =>
  [name, [fs.statSync(folder + "/" + name).mode & 0o777, fs.readFileSync(folder + "/" + name, "utf8")]]));
fs.writeFileSync(process.env.TOLD, JSON.stringify({ server, words, folder, mode: fs.statSync(folder).mode & 0o777, files }));
process.stderr.write("a complaint\\n");
process.stdin.on("data", (chunk) => process.stdout.write("echo " + chunk));
process.stdin.on("end", () => process.exit(7));`;

interface Told {
  readonly server: string;
  readonly words: readonly string[];
  readonly folder: string;
  readonly mode: number;
  readonly files: Readonly<Record<string, readonly [mode: number, text: string]>>;
}

const request = { hostKey: "-----BEGIN KEY-----\nx\n-----END KEY-----\n", authorizedKey: "ssh-ed25519 AAAA" };

/** Sends the request and what follows it at once, and then more; gives what came back. */
async function run(follows: string, env: Readonly<Record<string, string>> = {}, more?: string) {
  const folder = await aFolder({ "shim.cjs": shim, "sshd.cjs": standIn });
  const told = join(folder, "told");
  const [node = "", ...words] = programCommand;
  const child = Bun.spawn([node, "-r", join(folder, "shim.cjs"), ...words], {
    env: { PATH: process.env["PATH"], STAND_IN: join(folder, "sshd.cjs"), TOLD: told, ...env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  child.stdin.write(Buffer.concat([renderSshInput(request), Buffer.from(follows)]));
  await child.stdin.flush();
  let stdout = "";
  for await (const chunk of child.stdout) {
    stdout += Buffer.from(chunk).toString();
    // What follows the request has come back, or there is nobody that could send it
    if (!stdout.includes(`ready\n${follows === "" ? "" : `echo ${follows}`}`)) continue;
    if (more !== undefined && !stdout.includes(more)) {
      child.stdin.write(more);
      await child.stdin.flush();
      continue;
    }
    await child.stdin.end();
  }
  const exitCode = await child.exited;
  const text = await readFile(told, "utf8").catch(() => undefined);
  const stderr = await new Response(child.stderr).text();
  return { stdout, stderr, exitCode, told: text === undefined ? undefined : (JSON.parse(text) as Told) };
}

const settingOf = (told: Told | undefined, name: string) =>
  told?.files["config"]?.[1]
    .split("\n")
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1));

describe.skipIf(Bun.which("node") === null || !existsSync("/dev/shm"))(
  "an ssh server for a connection",
  () => {
    test("gets what comes right behind the request and later, and its complaints and its end are the program's", async () => {
      const { stdout, stderr, exitCode } = await run("SSH-2.0-client\r\n", {}, "more");
      expect(stdout).toBe("ready\necho SSH-2.0-client\r\necho more");
      expect([stderr, exitCode]).toEqual(["a complaint\n", 7]);
    });

    test("has its keys in memory, for this user alone, and none once it has ended", async () => {
      const { told } = await run("x");
      expect(told?.server).toBe("/usr/sbin/sshd");
      expect(told?.words).toEqual(["-i", "-e", "-f", `${told?.folder}/config`]);
      expect(told?.folder).toStartWith("/dev/shm/claude-bottle-ssh-");
      expect(told?.mode).toBe(0o700);
      expect(told?.files["host"]).toEqual([0o600, request.hostKey]);
      expect(told?.files["authorized"]).toEqual([0o600, `${request.authorizedKey}\n`]);
      expect(settingOf(told, "HostKey")).toEqual([`${told?.folder}/host`]);
      expect(settingOf(told, "AuthorizedKeysFile")).toEqual([`${told?.folder}/authorized`]);
      expect(existsSync(told?.folder ?? "")).toBe(false);
    });

    test("lets nobody in without the key, and forwards nothing but connections to this machine", async () => {
      const { told } = await run("x");
      const rules = {
        PasswordAuthentication: "no",
        KbdInteractiveAuthentication: "no",
        AllowAgentForwarding: "no",
        X11Forwarding: "no",
        PermitTunnel: "no",
        GatewayPorts: "no",
        AllowTcpForwarding: "local",
        AllowStreamLocalForwarding: "no",
        PermitOpen: "localhost:* 127.0.0.1:*",
        PermitListen: "none",
        PermitUserRC: "no",
      };
      for (const [name, value] of Object.entries(rules)) expect(settingOf(told, name)).toEqual([value]);
    });

    test("has the environment of the bottle, but for what a login sets and what a line cannot hold", async () => {
      const { told } = await run("x", {
        PLAIN: "a b",
        QUOTED: 'say "x\\y"',
        EMPTY: "",
        LINES: "a\nSetEnv X=1",
        "9ODD": "x",
        "A.B": "x",
        HOME: "/h",
        TERM: "xterm",
        SSH_CONNECTION: "1",
        SSH_AUTH_SOCK: "/s",
      });
      const [line = "", ...others] = settingOf(told, "SetEnv") ?? [];
      expect(others).toEqual([]);
      for (const pair of ['"PLAIN=a b"', String.raw`"QUOTED=say \"x\\y\""`, '"EMPTY="', '"SSH_AUTH_SOCK=/s"'])
        expect(line).toContain(pair);
      expect(line).not.toMatch(/LINES|9ODD|A\.B|HOME|"TERM|SSH_CONNECTION/);
    });

    test("is refused with a reason where the image has none", async () => {
      expect(await run("x", { NO_SERVER: "1" })).toEqual({
        stdout: "the image has no OpenSSH server\n",
        stderr: "",
        exitCode: 1,
        told: undefined,
      });
    });
  },
);
