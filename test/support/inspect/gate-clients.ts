/** Clients of an inspected host, as programs for an agent's `node -e`. */
/** Reads the first event, then asks for the next one on another connection; prints what it got before that. */
export const readEvents = (
  host: string,
) => `const first = fetch("https://${host}/events").then(async (answer) => {
  const reader = answer.body.getReader();
  const got = Buffer.from((await reader.read()).value).toString();
  await (await fetch("https://${host}/next")).text();
  console.log(JSON.stringify([got, Buffer.from((await reader.read()).value).toString()]));
});`;

/** Sends two messages over a WebSocket and prints what comes back. */
export const sayByWebSocket = (
  host: string,
) => `const net = require("net"), tls = require("tls"), crypto = require("crypto");
const frame = (text) => { const bytes = Buffer.from(text), mask = crypto.randomBytes(4); return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length]), mask, bytes.map((byte, at) => byte ^ mask[at & 3])]); };
const socket = net.connect(8888, "gate", () => socket.write("CONNECT ${host}:443 HTTP/1.1\\r\\n\\r\\n"));
socket.once("data", () => {
  const secure = tls.connect({ socket, servername: "${host}" }, () => secure.write("GET /ws HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Extensions: permessage-deflate\\r\\n\\r\\n"));
  let answers = 0;
  secure.on("data", (chunk) => {
    answers += 1;
    if (answers === 1) return console.log(chunk.toString("latin1").split("\\r\\n")[0]), secure.write(frame("hello"));
    console.log("answer");
    if (answers === 2) secure.write(frame(process.argv[1]));
    else process.exit();
  });
  secure.on("error", () => {}).on("close", () => { console.log("closed"); process.exit(); });
});`;
