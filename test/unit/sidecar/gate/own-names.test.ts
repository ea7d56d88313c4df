import { afterEach, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { answerNames, readQuestion, renderAnswer } from "../../../../src/sidecar/gate/own-names.ts";

const proxy = { host: "proxy.corp", port: 3128, direct: ["corp.lan"], nameservers: [] };
const open: Socket[] = [];
afterEach(() => open.splice(0).forEach((socket) => socket.close()));

/** One question for one name, as a resolver asks it. */
function question(name: string, type = 1): Buffer {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
}

async function ask(
  find: (name: string) => string | undefined,
  message: Buffer,
  { nameservers = [] as readonly string[], port = 0 } = {},
): Promise<Buffer> {
  const server = await answerNames({ ...proxy, nameservers }, find, port);
  const client = createSocket("udp4");
  open.push(server, client);
  const answer = new Promise<Buffer>((resolve) => client.once("message", resolve));
  client.send(message, server.address().port, "127.0.0.1");
  return answer;
}

const find = (name: string) => (name === "github.com" ? "127.77.0.1" : undefined);

test("a host that is being opened leads to the gate, whatever the case", async () => {
  const answer = await ask(find, question("GitHub.com"));
  expect(answer.subarray(0, 4).toString("hex")).toBe("abcd8180");
  expect([...answer.subarray(-4)]).toEqual([127, 77, 0, 1]);
});

test("it has no other kind of address, and no other name leads anywhere", async () => {
  const other = await ask(find, question("github.com", 28));
  expect([other[3], other.readUInt16BE(6)]).toEqual([0x80, 0]);
  const unknown = await ask(find, question("github.com.evil.example"));
  expect([unknown[3], unknown.readUInt16BE(6)]).toEqual([0x83, 0]);
});

test("a name that is reached past the proxy is refused where there is nobody to ask", async () => {
  expect((await ask(find, question("git.corp.lan")))[3]).toBe(0x85);
});

test("a name that is reached past the proxy is looked up, and no answer to something else is passed on", async () => {
  const server = createSocket("udp4");
  open.push(server);
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.2", resolve));
  server.on("message", (asked, from) => {
    const other = Buffer.from(asked).fill(0, 0, 2);
    server.send(other, from.port, from.address);
    server.send(Buffer.concat([asked, Buffer.from("found")]), from.port, from.address);
  });
  const { port } = server.address();
  const answer = await ask(find, question("git.corp.lan"), { nameservers: ["127.0.0.2"], port });
  expect(answer.toString("latin1")).toBe(`${question("git.corp.lan").toString("latin1")}found`);
});

test.each([
  ["an answer", Buffer.from(question("a.b").fill(0x80, 2, 3))],
  ["two questions", Buffer.from(question("a.b").fill(2, 5, 6))],
  ["a name that ends nowhere", question("a.b").subarray(0, 15)],
  ["a pointer", Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1])],
  ["a dot within a label", question("a.b").fill(".", 13, 14)],
  ["nothing", Buffer.alloc(0)],
])("%s is not answered", (_name, message) => {
  expect(readQuestion(message)).toBeUndefined();
});

test("what follows the question is not carried into an answer", () => {
  const message = Buffer.concat([question("a.b"), Buffer.from("more")]);
  const asked = readQuestion(message);
  if (!asked) throw new Error("not read");
  expect(renderAnswer(message, asked, 3).toString("latin1")).not.toContain("more");
});
