/** Real servers that say how they read a request's address, for a fuzzer to compare with. Each ends with the process that started it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Readings of one address, each a path as a program behind the server would take it */
export type Readings = Readonly<Record<string, string>>;

export interface RealServer {
  readonly name: string;
  /** Undefined if the server refuses the request */
  read(target: string): Promise<Readings | undefined>;
}

const nodeProgram = `
const { posix } = require("path"), url = require("url");
const quietly = (make) => { try { return make(); } catch { return ""; } };
require("http").createServer((request, response) => {
  const plain = request.url.split("?")[0];
  const readings = { raw: plain, url: quietly(() => new URL(request.url, "http://h").pathname), legacy: quietly(() => url.parse(request.url).pathname),
    decoded: quietly(() => decodeURIComponent(plain)), resolved: quietly(() => posix.normalize(decodeURIComponent(new URL(request.url, "http://h").pathname))) };
  response.end(JSON.stringify(readings));
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
process.stdin.on("end", () => process.exit()).resume();`;

const goProgram = `package main
import ("encoding/json"; "fmt"; "io"; "net"; "net/http"; "os"; "path")
func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/a/", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {})
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() { io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		text, _ := json.Marshal(map[string]string{"path": r.URL.Path, "clean": path.Clean(r.URL.Path) + "/", "mux": pattern})
		w.Write(text)
	}))
}`;

const nginxConfig = (folder: string, port: number) => `daemon off; pid ${folder}/pid; error_log /dev/null;
events {} http { access_log off; ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) => `${one}_temp_path ${folder}/${one};`).join(" ")}
server { listen 127.0.0.1:${port}; default_type text/plain; location / { return 200 $uri; } } }`;

/** Of those that are on this machine: Node, and with `all` Go and nginx too, which take longer to begin. */
export async function startServers(all: boolean): Promise<readonly RealServer[]> {
  const found: RealServer[] = [];
  if (Bun.which("node")) found.push(await start("Node", ["node", "-e", nodeProgram]));
  if (!all) return found;
  const folder = mkdtempSync(join(tmpdir(), "fuzz-servers-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  if (Bun.which("go")) {
    writeFileSync(join(folder, "main.go"), goProgram);
    found.push(await start("Go", ["go", "run", join(folder, "main.go")]));
  }
  if (Bun.which("nginx")) {
    const port = 20_000 + (process.pid % 20_000);
    writeFileSync(join(folder, "nginx.conf"), nginxConfig(folder, port));
    const child = spawn("nginx", ["-c", join(folder, "nginx.conf"), "-p", folder], { stdio: "ignore" });
    process.on("exit", () => void child.kill());
    child.unref();
    await Bun.sleep(500);
    found.push(makeServer("nginx", port, (text) => ({ uri: text })));
  }
  return found;
}

async function start(name: string, [command = "", ...words]: readonly string[]): Promise<RealServer> {
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "ignore"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
    child.once("exit", () => reject(new Error(`${name} ended`)));
  });
  child.unref();
  (child.stdin as unknown as Socket).unref?.();
  (child.stdout as unknown as Socket).unref?.();
  process.on("exit", () => void child.stdin.end());
  return makeServer(name, port, (text) => JSON.parse(text) as Readings);
}

function makeServer(name: string, port: number, parse: (text: string) => Readings): RealServer {
  return {
    name,
    async read(target) {
      const answer = await ask(port, target);
      const [head = "", ...body] = answer.split("\r\n\r\n");
      return head.startsWith("HTTP/1.1 200") ? parse(body.join("\r\n\r\n")) : undefined;
    },
  };
}

/** Over a socket of its own: what is no address must not get into another request. */
function ask(port: number, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`, "latin1")),
    );
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", reject).on("close", () => resolve(text));
  });
}
