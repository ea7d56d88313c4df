/** The program of an HTTPS server that says what reached it, for a container beside a bottle. Its certificate is in KEY and CERT. */
export const echoServer = `
const { createHash } = require("crypto");
const accept = (key) => createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
const picture = Buffer.from(Array.from({ length: 300000 }, (_, at) => (at * 2654435761) >>> 13 & 255));
require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, (request, response) => {
  const hash = createHash("sha256");
  let bytes = 0;
  request.on("data", (chunk) => { bytes += chunk.length; hash.update(chunk); });
  request.on("error", () => console.log("reset " + request.url + " " + bytes));
  request.on("end", () => {
    const { authorization } = request.headers;
    if (authorization) console.log("authorized " + request.url + " " + createHash("sha256").update(authorization).digest("hex"));
    console.log("came " + request.method + " " + request.url + " " + bytes);
    if (request.url === "/picture") return response.writeHead(200, { "content-type": "image/png", "content-length": picture.length, ETag: '"a"' }).end(picture);
    if (request.url === "/early") return response.end("early");
    if (request.url === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\\n\\n");
      // Only who has read the first one asks for the next
      globalThis.next = () => response.end("data: last\\n\\n");
      return;
    }
    if (request.url === "/next") return response.end("ok"), globalThis.next();
    response.setHeader("X-Odd-Case", "Kept");
    response.end(JSON.stringify({ method: request.method, url: request.url, bytes, sha256: hash.digest("hex"), headers: request.rawHeaders }));
  });
}).on("upgrade", (request, socket) => {
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + accept(request.headers["sec-websocket-key"]) + "\\r\\n\\r\\n");
  let got = 0;
  socket.on("error", () => {}).on("data", (chunk) => { got += chunk.length; console.log("message " + got); socket.write(Buffer.concat([Buffer.from([0x81, 2]), Buffer.from("ok")])); });
}).listen(443, () => console.log("listening"));
`;
