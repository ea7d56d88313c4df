/**
 * What takes too long for the tests: a stream of one byte a second for ten minutes, and 200 requests of one host within a minute, each
 * on a connection of its own, through gate and pipelock. Usage: bun scripts/soak.ts [SECONDS]; needs an engine and a base image.
 */
import { launchEgressBottle } from "../test/support/egress-bottle.ts";
import { awaitListening } from "../test/support/egress-probe.ts";
import { beginTestRun, engineForTests } from "../test/support/engine-gate.ts";
import { filterForTests } from "../test/support/pipelock-image.ts";
import { makeTestAuthority } from "../test/support/test-authority.ts";

const seconds = Number(process.argv[2] ?? 600);
const requests = 200;
const name = "stream.test";

const server = `
require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, (request, response) => {
  const left = Number(new URL(request.url, "https://x").searchParams.get("seconds") ?? 0);
  if (left === 0) return response.end("hello");
  let sent = 0;
  const timer = setInterval(() => {
    response.write(".");
    if (++sent < left) return;
    clearInterval(timer);
    response.end();
  }, 1000);
}).listen(443, () => console.log("listening"));`;

/** One request by a CONNECT of its own; prints how many bytes came and whether the answer ended as it should. */
const client = `
const [target, count] = process.argv.slice(1);
const tls = require("tls"), net = require("net"), https = require("https");
const one = () => new Promise((resolve, reject) => {
  const socket = net.connect(8888, "gate", () => socket.write("CONNECT ${name}:443 HTTP/1.1\\r\\n\\r\\n"));
  socket.on("error", reject);
  socket.once("data", (head) => {
    if (!String(head).startsWith("HTTP/1.1 200")) return reject(new Error(String(head).split("\\r\\n")[0]));
    const secure = tls.connect({ socket, servername: "${name}", ca: process.env.CA });
    https.get({ path: target, host: "${name}", headers: { connection: "close" }, createConnection: () => secure }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk) => (bytes += chunk.length));
      answer.on("end", () => resolve(bytes));
      answer.on("aborted", () => reject(new Error("cut after " + bytes + " bytes")));
    }).on("error", reject);
  });
});
(async () => {
  let bytes = 0;
  for (let index = 0; index < Number(count); index += 1) bytes += await one();
  console.log(bytes);
})().catch((error) => { console.log(error.message); process.exit(1); });`;

const engine = await engineForTests();
if (typeof engine === "string") process.exit(1);
const run = beginTestRun(engine);
let failures = 0;
try {
  const authority = await makeTestAuthority([name]);
  const one = await launchEgressBottle(run, {
    private: [name],
    pipelockImage: await filterForTests(engine),
  });
  const env = [`KEY=${authority.key}`, `CERT=${authority.cert}`];
  await awaitListening(engine, await one.addServer(name, { Cmd: ["node", "-e", server], Env: env }));
  const ask = async (title: string, target: string, count: number, wanted: number) => {
    const start = performance.now();
    const { stdout, exitCode } = await one.run([
      "env",
      `CA=${authority.ca}`,
      "node",
      "-e",
      client,
      target,
      String(count),
    ]);
    const isRight = exitCode === 0 && Number(stdout) === wanted;
    if (!isRight) failures += 1;
    console.log(
      `${isRight ? "ok" : "FAILED"}  ${title}: ${stdout.trim()} of ${wanted} bytes in ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
  };
  await ask(`${requests} requests of one host`, "/", requests, requests * "hello".length);
  await ask(`a stream of ${seconds} s`, `/?seconds=${seconds}`, 1, seconds);
  await one.bottle.destroy();
} finally {
  await run.end();
}
process.exit(failures === 0 ? 0 : 1);
