import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import { readLogs } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readFrames } from "../support/container-output.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { awaitListening, connectScript, echoServer } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { filterForTests } from "../support/pipelock-image.ts";
import { makePatterns } from "../support/trace-forms.ts";
import { searchEngine } from "../support/trace-search.ts";

// Needs: openssl
setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

const credentials = "robot:correct-horse-battery-staple-7141";
const authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;

/**
 * A company's proxy: knows who may use it, says what it was asked for, and leads every name to the TLS server beside it. It is the only
 * one that knows these names.
 */
const proxyProgram = `
const { createServer, connect } = require("net");
const wanted = process.argv[1];
require("http").createServer((request, response) => response.end("plain " + request.headers.host)).listen(8081);
createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (head) => {
    const text = String(head);
    const [, authorization = "none"] = /^Proxy-Authorization: (.*)\\r$/m.exec(text) || [];
    const isKnown = wanted === "" ? authorization === "none" : authorization === wanted;
    console.log("asked " + text.split(" ")[1] + (isKnown ? " by one who may" : " by a stranger"));
    if (!isKnown) return socket.end("HTTP/1.1 407 Proxy Authentication Required\\r\\nProxy-Authenticate: Basic\\r\\n\\r\\n");
    const port = text.split(" ")[1].endsWith(":80") ? 8081 : 443;
    const on = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\\r\\n\\r\\n"));
    on.on("error", () => socket.destroy());
    on.pipe(socket).pipe(on);
  });
}).listen(3128, () => console.log("listening"));
`;

/** One line there and back over TLS, by the gate */
const echoProgram = `
const [host] = process.argv.slice(1);
const socket = require("net").connect(8888, "gate", () =>
  socket.write("CONNECT " + host + ":443 HTTP/1.1\\r\\nHost: " + host + ":443\\r\\n\\r\\n"));
const say = (word) => { console.log(word); process.exit(0); };
socket.once("data", (head) => {
  if (!String(head).startsWith("HTTP/1.1 200")) return say(/code=([a-z-]+)/.exec(String(head))?.[1] ?? "no");
  const secure = require("tls").connect({ socket, servername: host, rejectUnauthorized: false }, () => secure.write("hello"));
  secure.on("data", (data) => say(String(data)));
  secure.on("error", () => say("broken"));
  secure.on("close", () => say("closed"));
});
`;

const withBoth = [...echoServer];
withBoth[2] = `${echoServer[2]?.replace("&& exec node", `&& (node -e '${proxyProgram}' "$0" &) && exec node`)}`;

/** One plain request by the gate; prints its body */
const plainProgram = `
const socket = require("net").connect(8888, "gate", () =>
  socket.write("GET http://" + process.argv[1] + "/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"));
let text = "";
socket.on("data", (data) => (text += data));
socket.on("close", () => console.log(text.split("\\r\\n\\r\\n")[1]));
`;

interface Scene {
  readonly one: EgressBottle;
  readonly proxy: string;
  readonly direct: string;
}

describe.skipIf(typeof found === "string")("an upstream proxy", () => {
  let run: TestRun;
  const scenes: Scene[] = [];

  beforeAll(() => void (run = beginTestRun(engine)));
  afterAll(async () => {
    for (const { one } of scenes) await one.bottle.destroy();
    await run.end();
  });

  async function begin(filter: string, given: string | undefined, wanted = given ?? ""): Promise<Scene> {
    const one = await launchEgressBottle(run, {
      allowlist: ["behind.test", "*.wild.test"],
      private: ["direct.test"],
      tcp: ["db.test:5432"],
      proxy: {
        address: "proxy.test:3128",
        direct: ["direct.test"],
        ...(given !== undefined && { authorization: given }),
      },
      ...(filter === "pipelock" && { http: ["plain.test"], pipelockImage: await filterForTests(engine) }),
    });
    const proxy = await one.addServer("proxy.test", { Cmd: [...withBoth, wanted] });
    const direct = await one.addServer("direct.test", { Cmd: [...echoServer] });
    await Promise.all([proxy, direct].map((id) => awaitListening(engine, id)));
    const scene = { one, proxy, direct };
    scenes.push(scene);
    return scene;
  }
  const echo = async ({ one }: Scene, host: string) =>
    (await one.run(["node", "--no-warnings", "-e", echoProgram, host])).stdout.trim();
  const read = async (id: string) => (await readFrames(readLogs(engine, id, { follow: false }))).stdout;
  /** At least so many lines: the engine may be slow to show what the proxy has printed */
  async function asked({ proxy }: Scene, least = 0): Promise<string[]> {
    for (;;) {
      const lines = (await read(proxy)).split("\n").filter((line) => line.startsWith("asked "));
      if (lines.length >= least) return lines;
      await Bun.sleep(50);
    }
  }

  test.each(["pipelock", "builtin"])(
    "is the way to every host, with credentials that nobody in the bottle can find, by %s",
    async (filter) => {
      const since = new Date();
      const scene = await begin(filter, authorization);
      const { one } = scene;
      expect(await echo(scene, "behind.test")).toBe("hello");
      expect(await echo(scene, "a.wild.test")).toBe("hello");
      expect((await one.run(connectScript("db.test", 5432))).stdout.trim()).toBe("200");
      const through = ["behind.test:443", "a.wild.test:443", "db.test:5432"].map(
        (to) => `asked ${to} by one who may`,
      );
      expect(await asked(scene, through.length)).toEqual(through);
      // What is not granted is asked of nobody, and what is reached past the proxy not of it
      expect(await echo(scene, "other.test")).toBe("not-allowed");
      expect(await echo(scene, "direct.test")).toBe("hello");
      expect(await asked(scene, through.length)).toEqual(through);
      if (filter === "pipelock") {
        const plain = await one.run(["node", "--no-warnings", "-e", plainProgram, "plain.test"]);
        expect(plain.stdout.trim()).toBe("plain plain.test");
        expect((await asked(scene, through.length + 1)).at(-1)).toBe("asked plain.test:80 by one who may");
      }
      // The control: pipelock has decided on these hosts, and on no other
      if (filter === "pipelock") {
        const log = await read(await one.container("pipelock"));
        for (const host of ["behind.test", "a.wild.test", "direct.test"]) expect(log).toContain(host);
        expect(log).not.toContain("other.test");
      }
      const patterns = [
        ...makePatterns("credentials", credentials),
        ...makePatterns("header", authorization.slice(6)),
      ];
      expect(await searchEngine(engine, `${labelKeys.session}=${one.plan.session}`, patterns, since)).toEqual(
        [],
      );
      const inside = await one.run([
        "sh",
        "-c",
        "env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline /etc/hosts",
      ]);
      expect(inside.stdout).toContain("HTTPS_PROXY");
      expect(inside.stdout).not.toContain("robot");
      expect(inside.stdout).not.toContain(authorization.slice(6));
      expect(JSON.stringify(one.plan)).not.toContain(authorization.slice(6));
    },
  );

  test.each(["pipelock", "builtin"])("needs no credentials where it asks for none, by %s", async (filter) => {
    const scene = await begin(filter, undefined);
    expect(await echo(scene, "behind.test")).toBe("hello");
    expect(await asked(scene, 1)).toEqual(["asked behind.test:443 by one who may"]);
  });

  test.each(["pipelock", "builtin"])(
    "that refuses is named before the tunnel is promised, by %s",
    async (filter) => {
      const scene = await begin(filter, undefined, authorization);
      expect(await echo(scene, "behind.test")).toBe("unreachable");
      expect(await asked(scene, 1)).toEqual(["asked behind.test:443 by a stranger"]);
      const gate = await read(await scene.one.container("gate"));
      expect(gate).toContain("the upstream proxy does not lead there: it wants other credentials (407)");
    },
  );

  test("takes a host that is allowed while the bottle runs", async () => {
    const scene = scenes[0];
    if (!scene) throw new Error("There is no bottle");
    expect(await echo(scene, "later.test")).toBe("not-allowed");
    const { plan, bottles } = scene.one;
    const outcome = await bottles.allow({
      session: plan.session,
      host: "later.test",
      isPrivate: false,
      forMs: undefined,
    });
    // Without a restart of pipelock, which would have cut what is open
    expect(outcome.notes).toEqual([]);
    const before = (await asked(scene)).length;
    expect(await echo(scene, "later.test")).toBe("hello");
    expect((await asked(scene, before + 1)).at(-1)).toBe("asked later.test:443 by one who may");
  });
});
