/** A front with TLS and client certificates for an engine's socket, as a program: FOLDER SOCKET PORT. Says `listening` once it does. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createServer } from "node:tls";

const [folder = "", socket = "", port = ""] = process.argv.slice(2);
const read = (name: string) => readFileSync(`${folder}/${name}.pem`);

const server = createServer(
  {
    ca: read("ca"),
    cert: read("server"),
    key: readFileSync(`${folder}/server.key`),
    requestCert: true,
    rejectUnauthorized: true,
    // The end of a command's input is no end of its output
    allowHalfOpen: true,
  },
  (client) => {
    const engine = connect({ path: socket, allowHalfOpen: true });
    client.pipe(engine).pipe(client);
    client.on("error", () => engine.destroy());
    engine.on("error", () => client.destroy());
    client.on("close", () => engine.destroy());
  },
);
server.listen(Number(port), "127.0.0.1", () => console.log("listening"));
