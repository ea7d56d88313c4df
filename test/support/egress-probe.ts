/** Programs that are run inside a bottle or beside it: what a client asks of the gate, and servers that say what reached them. */
import { readLogs } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { demultiplex } from "../../src/engine/frames.ts";

/** Resolves when a server's container has said that it listens. */
export async function awaitListening(engine: Engine, id: string): Promise<void> {
  for await (const frame of demultiplex(readLogs(engine, id, { follow: true }))) {
    if (Buffer.from(frame.data).includes("listening")) return;
  }
  throw new Error("The server ended");
}

/** Asks the gate for a tunnel, and prints `200`, or the gate's code of refusal (`not-allowed`). Needs Node alone. */
export function connectScript(host: string, port: number): readonly string[] {
  return ["node", "--no-warnings", "-e", connectProgram, `${host}:${port}`];
}

const connectProgram = `
const socket = require("net").connect(8888, "gate");
const target = process.argv[1];
let text = "";
socket.on("connect", () => socket.write("CONNECT " + target + " HTTP/1.1\\r\\nHost: " + target + "\\r\\n\\r\\n"));
const say = (word) => { console.log(word); process.exit(0); };
socket.on("data", (chunk) => {
  text += chunk;
  if (!text.includes("\\r\\n\\r\\n")) return;
  const code = /code=([a-z-]+)/.exec(text);
  say(code ? code[1] : text.split(" ")[1]);
});
socket.on("error", (error) => say(error.code));
socket.on("close", () => say("closed"));
`;

/** A TLS server with a certificate of its own; every byte sent to it comes back. `-` runs it from a command line. */
export const echoServer: readonly string[] = [
  "sh",
  "-c",
  `cd /tmp && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout k -out c -subj /CN=echo -days 2 \
   2>/dev/null && exec node -e '
const { readFileSync } = require("fs");
const options = { key: readFileSync("k"), cert: readFileSync("c") };
require("tls").createServer(options, (socket) => { socket.on("error", () => {}); socket.pipe(socket); })
  .listen(443, () => console.log("listening"));
'`,
];

/**
 * Opens a TLS tunnel through the gate, prints what one line of echo gives, and then `cut` when the tunnel ends. Run it in the
 * background of an exec that is read line by line.
 */
export function tunnelScript(host: string): readonly string[] {
  return ["node", "--no-warnings", "-e", tunnelProgram, host];
}

const tunnelProgram = `
const host = process.argv[1];
const socket = require("net").connect(8888, "gate", () =>
  socket.write("CONNECT " + host + ":443 HTTP/1.1\\r\\nHost: " + host + ":443\\r\\n\\r\\n"));
socket.once("data", (head) => {
  if (!String(head).startsWith("HTTP/1.1 200")) { console.log(String(head).split("\\r\\n")[0]); process.exit(1); }
  const secure = require("tls").connect({ socket, servername: host, rejectUnauthorized: false }, () => secure.write("hello\\n"));
  secure.on("data", (data) => console.log(String(data).trim()));
  secure.on("error", () => {});
  secure.on("close", () => { console.log("cut"); process.exit(0); });
});
socket.on("error", () => {});
`;
