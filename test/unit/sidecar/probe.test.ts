/** The probe tries ways out, and the canary hears what came through: here nothing is between them, so each way leaks and both must say so. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { parseCanaryEvent, parseProbeAnswer } from "../../../src/protocol/probe-answers.ts";
import type { CanaryEvent } from "../../../src/protocol/probe-answers.ts";
import type { ProbeTask } from "../../../src/protocol/probe.ts";
import { readQuestion } from "../../../src/sidecar/probe/dns-question.ts";
import { aFolder } from "../../support/temporary.ts";

const programs = {
  canary: join(import.meta.dir, "../../../src/sidecar/canary/main.ts"),
  probe: join(import.meta.dir, "../../../src/sidecar/probe/main.ts"),
};
/** An address of this machine at whose port 53 nobody listens, where this user may */
const dns = "127.0.0.77";
const heard: CanaryEvent[] = [];

function start(program: keyof typeof programs, message: unknown) {
  const child = Bun.spawn([process.execPath, programs[program]], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  child.stdin.write(`${JSON.stringify(message)}\n`);
  void child.stdin.flush();
  return child;
}

/** Whether this user may listen for names there, and nobody does: the canary has to find the same */
async function mayListen(): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    const bound = once(socket, "listening");
    socket.bind(53, dns);
    await bound;
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
let isFree: boolean;

let canary: ReturnType<typeof start>;
let listening: Extract<CanaryEvent, { event: "listening" }>;

beforeAll(async () => {
  isFree = await mayListen();
  canary = start("canary", { port: 0, dns });
  const ready = Promise.withResolvers<void>();
  void (async () => {
    let text = "";
    for await (const chunk of canary.stdout) {
      const lines = (text + Buffer.from(chunk).toString()).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const event = parseCanaryEvent(JSON.parse(line));
        if (event?.event === "listening") {
          listening = event;
          ready.resolve();
        } else if (event) heard.push(event);
      }
    }
  })();
  await ready.promise;
});
afterAll(() => canary.kill());

/** What the probe says of each task, by its name. */
async function probe(...tasks: readonly ProbeTask[]): Promise<Record<string, string>> {
  const child = start("probe", tasks);
  const lines = (await new Response(child.stdout).text()).trim().split("\n");
  expect(await child.exited).toBe(0);
  const answers = lines.map((line) => parseProbeAnswer(JSON.parse(line)));
  return Object.fromEntries(answers.map((one) => [one?.name, one?.outcome]));
}

async function readLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n")) return text.split("\n")[0];
  }
  return undefined;
}

/** What was heard that begins so; it is waited for. */
async function hear(kind: string, text: string): Promise<string> {
  for (;;) {
    const event = heard.find((one) => one.event === "hit" && one.kind === kind && one.text.startsWith(text));
    if (event?.event === "hit") return event.text;
    await Bun.sleep(20);
  }
}

describe("where no wall is", () => {
  test("a connection and a datagram arrive, and both ends say so", async () => {
    const { port } = listening;
    const outcomes = await probe(
      { name: "tcp", kind: "tcp", host: "127.0.0.1", port, token: "token-1" },
      { name: "request", kind: "request", host: "127.0.0.1", port, text: "GET / HTTP/1.1\r\n\r\n" },
      { name: "connect", kind: "request", host: "127.0.0.1", port, text: "CONNECT a:1 HTTP/1.1\r\n\r\n" },
      { name: "udp", kind: "udp", host: "127.0.0.1", port, token: "token-2" },
    );
    expect(outcomes).toEqual({
      tcp: "heard",
      request: "HTTP/1.1 200 heard",
      connect: "HTTP/1.1 200 heard",
      udp: "answered 5 bytes",
    });
    expect(await hear("tcp", "token-1")).toBe("token-1");
    expect(await hear("udp", "token-2")).toBe("token-2");
    // Before it says a word
    expect(await hear("tcp", "")).toBe("");
  });

  test("only what begins as a request to a proxy is answered as by one", async () => {
    const { port } = listening;
    const outcomes = await probe(
      { name: "later", kind: "request", host: "127.0.0.1", port, text: "X GET / HTTP/1.1\r\n\r\n" },
      { name: "longer", kind: "request", host: "127.0.0.1", port, text: "GETS / HTTP/1.1\r\n\r\n" },
    );
    expect(outcomes).toEqual({ later: "heard", longer: "heard" });
  });

  test("a canary whose address for names is taken says so, and listens all the same", async () => {
    if (!isFree) return;
    const other = start("canary", { port: 0, dns });
    const line = (await readLine(other.stdout)) ?? "";
    other.kill();
    expect(parseCanaryEvent(JSON.parse(line))).toMatchObject({ event: "listening", dns: false, udp: true });
  });

  test("of what is heard the beginning is told", async () => {
    const { port } = listening;
    await probe({ name: "a", kind: "tcp", host: "127.0.0.1", port, token: `long${"x".repeat(300)}` });
    expect(await hear("tcp", "long")).toHaveLength(200);
    await probe({ name: "a", kind: "udp", host: "127.0.0.1", port, token: `long${"x".repeat(300)}` });
    expect(await hear("udp", "long")).toHaveLength(200);
  });

  test("a name that is asked for arrives, and is refused", async () => {
    if (!isFree) return;
    const task = { name: "dns", kind: "dns", server: dns, host: "token-3.leak.invalid" } as const;
    expect(await probe(task)).toEqual({ dns: `answered by ${dns}: rcode 5` });
    expect(await hear("dns", "token-3")).toBe("token-3.leak.invalid");
  });

  test("the addresses are those of this machine that others reach, and it hears datagrams", () => {
    expect(listening).toMatchObject({ udp: true, dns: isFree });
    expect(listening.port).toBeGreaterThan(0);
    expect(listening.addresses.filter((one) => one.startsWith("127.") || one.includes(":"))).toEqual([]);
  });
});

test("where nobody answers, the probe says how", async () => {
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const closing = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: (socket) => void socket.end(), data: () => undefined },
  });
  const at = (port: number) => ({ kind: "tcp", host: "127.0.0.1", port, token: "x" }) as const;
  const outcomes = await probe(
    { name: "silent", ...at(silent.port) },
    { name: "closing", ...at(closing.port) },
    { name: "nobody", ...at(1) },
    { name: "no datagram", kind: "udp", host: "127.0.0.1", port: 1, token: "x" },
    { name: "lookup", kind: "lookup", host: "localhost" },
    { name: "no perl", kind: "perl", script: "print 'one'; print \"\\ntwo\"" },
  );
  silent.stop(true);
  closing.stop(true);
  expect(outcomes).toMatchObject({
    silent: "connected",
    closing: "connected and closed",
    nobody: "ECONNREFUSED",
    "no datagram": "ECONNREFUSED",
    "no perl": Bun.which("perl") === null ? "ENOENT" : "one",
  });
  expect(outcomes["lookup"]).toMatch(/^answered (?:127\.0\.0\.1|::1)$/);
});

/** Takes one connection into its queue and drops what comes after it, as a wall without a word does. */
const deafServer = `use Socket; $| = 1;
  socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(0, INADDR_LOOPBACK)); listen(S, 0);
  print((sockaddr_in(getsockname(S)))[0], "\\n"); sleep 600;`;

test.skipIf(process.platform !== "linux" || Bun.which("perl") === null)(
  "where nothing comes back at all, the probe says that, and of an open port that says nothing that it is one",
  async () => {
    const server = Bun.spawn(["perl", "-e", deafServer], { stdout: "pipe", stderr: "ignore" });
    const port = Number(await readLine(server.stdout));
    const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
    await Promise.race(fillers.map((socket) => once(socket, "connect")));
    const task = { kind: "tcp", host: "127.0.0.1", port, token: "x" } as const;
    expect(await probe({ name: "deaf", ...task })).toEqual({ deaf: "silence" });
    fillers.forEach((socket) => socket.destroy());
    server.kill();
  },
);

test("of a file it reads the fields that are asked for, on one line", async () => {
  const folder = await aFolder({ status: "Name:\tx\nSeccomp:\t 2\nNoNewPrivs:\t1\n" });
  const read = { kind: "read", path: join(folder, "status") } as const;
  const outcomes = await probe(
    { name: "some", ...read, fields: ["Seccomp:", "NoNew"] },
    { name: "all", ...read },
    { name: "none", kind: "read", path: join(folder, "other") },
  );
  expect(outcomes).toEqual({
    some: "Seccomp: 2; NoNewPrivs: 1",
    all: "Name: x; Seccomp: 2; NoNewPrivs: 1; ",
    none: "ENOENT",
  });
});

test.each([
  ["nothing behind the header", Buffer.alloc(12), ""],
  ["less than a header", Buffer.alloc(3), ""],
  ["a label that has no end", Buffer.from([...Buffer.alloc(12), 3, 0x61]), ""],
  ["a pointer in a label's place", Buffer.from([...Buffer.alloc(12), 0xc0, 12]), ""],
  ["a label of 64", Buffer.from([...Buffer.alloc(12), 64, ...Buffer.alloc(64, 0x61), 0]), ""],
  ["a label of 63", Buffer.from([...Buffer.alloc(12), 63, ...Buffer.alloc(63, 0x61), 0]), "a".repeat(63)],
])("of a question with %s the name is %p", (_name, message, expected) => {
  expect(readQuestion(message)).toBe(expected);
});
