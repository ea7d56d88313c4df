/** A client that says exactly what it is told, as a program for an agent's `node -e`. */

/**
 * Opens one connection through the gate, sends each request of the JSON list in its argument once the one before it is answered, and
 * prints the status and the beginning of the body of each answer, or `closed`.
 */
export const rawRequests = (host: string) => `const net = require("net"), tls = require("tls");
const requests = JSON.parse(process.argv[1]);
const seen = [];
const done = () => { console.log(JSON.stringify(seen)); process.exit(); };
const socket = net.connect(8888, "gate", () => socket.write("CONNECT ${host}:443 HTTP/1.1\\r\\n\\r\\n"));
socket.once("data", () => {
  const secure = tls.connect({ socket, servername: "${host}" }, next);
  let text = "";
  function next() {
    if (seen.length === requests.length) return done();
    secure.write(Buffer.from(requests[seen.length], "latin1"));
  }
  secure.on("data", (chunk) => {
    text += chunk.toString("latin1");
    for (;;) {
      const head = text.indexOf("\\r\\n\\r\\n");
      if (head < 0) return;
      const length = /content-length: (\\d+)/i.exec(text.slice(0, head));
      const chunked = /transfer-encoding: chunked/i.test(text.slice(0, head));
      const end = length ? head + 4 + Number(length[1]) : chunked ? text.indexOf("0\\r\\n\\r\\n", head) + 5 : head + 4;
      if (text.length < end || end < head) return;
      seen.push([text.slice(9, 12), text.slice(head + 4, end)]);
      text = text.slice(end);
      next();
    }
  });
  secure.on("error", () => {}).on("close", () => { seen.push(["closed", ""]); done(); });
});`;
