import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { activityPath } from "../../src/bottle/agent/bottle-paths.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeSessionWorld, runCommand, spawnCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);

/** Both say what was asked, and send a megabyte */
const servers = `
const answer = (request, response) => {
  let length = 0;
  request.on("data", (chunk) => (length += chunk.length));
  request.on("end", () =>
    response.end(request.url === "/large" ? Buffer.alloc(1 << 20, "x") : request.url + " with " + length));
};
const { createServer } = require("http");
createServer(answer).listen(3000, "127.0.0.1");
createServer(answer).listen(3001, "127.0.0.1");
`;
const script = `printf idle >${activityPath}; exec node -e '${servers}'`;

describe.skipIf(image === undefined)("claude-bottle port", () => {
  let run: TestRun;
  let world: SessionWorld;
  const opened: { kill(signal: "SIGINT"): void; readonly exited: Promise<number> }[] = [];
  beforeAll(async () => {
    run = beginTestRun(engine);
    world = await makeSessionWorld(run, image ?? "", "runc");
    await runCommand(world, ["start", "hello", "--detach", "--yes", "--", "-c", script]);
  });
  afterEach(async () => {
    for (const child of opened.splice(0)) {
      child.kill("SIGINT");
      await child.exited;
    }
  });
  afterAll(async () => {
    await runCommand(world, ["stop", "--all"]);
    await world.remove();
    await run.end();
  });

  async function open(...words: string[]) {
    const child = spawnCommand(world, ["port", "hello", ...words]);
    opened.push(child);
    const reader = child.stderr.getReader();
    let text = "";
    const said = async (wanted: string) => {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(text);
        text += Buffer.from(value).toString();
      }
    };
    return { child, said };
  }

  test("opens several at once, on this machine's loopback alone, until Ctrl-C", async () => {
    const [one, other] = [await freePort(), await freePort()];
    const { child, said } = await open(`3000:${one}`, `3001:${other}`);
    await said(`localhost:${other} is port 3001`);
    const get = async (port: number, path: string, body?: string) =>
      (
        await fetch(`http://127.0.0.1:${port}${path}`, body === undefined ? {} : { method: "POST", body })
      ).text();
    expect(await get(one, "/a")).toBe("/a with 0");
    expect(await get(other, "/b", "y".repeat(300_000))).toBe("/b with 300000");
    const all = await Promise.all([1, 2, 3, 4].map(() => get(one, "/large")));
    expect(all.map((text) => text.length)).toEqual([1, 1, 1, 1].map(() => 1 << 20));
    for (const address of ownAddresses()) expect(await knock(address, one)).toBe("ECONNREFUSED");
    // The control: there is an answer from where a program listens on every address
    const elsewhere = createServer().listen(0, "0.0.0.0");
    await once(elsewhere, "listening");
    const everywhere = (elsewhere.address() as AddressInfo).port;
    expect(ownAddresses()).not.toEqual([]);
    for (const address of ownAddresses()) expect(await knock(address, everywhere)).toBe("connected");
    elsewhere.close();
    child.kill("SIGINT");
    expect(await child.exited).toBe(0);
    expect(await knock("127.0.0.1", one)).toBe("ECONNREFUSED");
  });

  test("says that nothing listens there, and that a port is taken", async () => {
    const port = await freePort();
    const { said } = await open(`4999:${port}`);
    await said(`localhost:${port} is port 4999`);
    expect(await fetch(`http://127.0.0.1:${port}/`).catch(() => "closed")).toBe("closed");
    await said("nothing listens there");
    const again = await runCommand(world, ["port", "hello", `3000:${port}`]);
    expect(again.stderr).toContain(`Cannot open port ${port} on this machine: another program has it`);
  });

  test("ends with the session", async () => {
    const port = await freePort();
    const { child, said } = await open(`3000:${port}`);
    await said("Ctrl-C closes it");
    await runCommand(world, ["stop", "hello"]);
    await said("has ended");
    expect(await child.exited).toBe(0);
    expect(await listLeft(engine, run)).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter((one) => one.family === "IPv4" && !one.internal).map((one) => one.address),
  );
}

function knock(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once("connect", () => resolve("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
}
