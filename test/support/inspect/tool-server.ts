/** A server for the everyday tools: packages for npm and pip, repositories for git, large files, events and small answers, over TLS. */
import type { TarEntry } from "../../../src/archive/small-tar.ts";
import { tarball, zip } from "./made-archives.ts";
import { makeUp } from "./made-up.ts";

/** Packages beside the one that needs them all */
const parts = 40;
const version = "1.0.0";

/** What it serves, as files for its container. `HOST` in them stands for the name that it was asked by. */
export function makeToolFiles(): TarEntry[] {
  const m = makeUp(21);
  const file = (path: string, content: Buffer | string): TarEntry => ({
    path: `srv/files/${path}`,
    mode: 0o644,
    content,
  });
  const names = Array.from({ length: parts }, (_, at) => `part-${at}`);
  const packages = [...names.map((name) => ({ name, needs: [] as string[] })), { name: "all", needs: names }];
  return packages.flatMap(({ name, needs }) => {
    const source = `module.exports = "${name}";\n// ${m.words(2_000)}\n`;
    const manifest = { name, version, dependencies: Object.fromEntries(needs.map((one) => [one, version])) };
    const dist = { tarball: `https://HOST/npm/${name}.tgz` };
    const page = { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
    const module = name.replace("-", "_");
    const wheel = `${module}-${version}-py3-none-any.whl`;
    const info = `${module}-${version}.dist-info`;
    const needed = needs.map((one) => `Requires-Dist: ${one}\n`).join("");
    return [
      file(`npm/${name}`, JSON.stringify(page)),
      file(
        `npm/${name}.tgz`,
        tarball([
          ["package/package.json", JSON.stringify(manifest)],
          ["package/index.js", source],
          ["package/data.txt", m.bytes(9_000).toString("base64")],
        ]),
      ),
      file(`simple/${name}/index.html`, `<a href="https://HOST/wheels/${wheel}">${wheel}</a>`),
      file(
        `wheels/${wheel}`,
        zip([
          [`${module}/__init__.py`, `# ${m.words(2_000)}\n`],
          [`${info}/METADATA`, `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${needed}`],
          [
            `${info}/WHEEL`,
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
          ],
          [
            `${info}/RECORD`,
            `${module}/__init__.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
          ],
        ]),
      ),
    ];
  });
}

/** Its program, for an image with Node and git. Key and certificate are in KEY and CERT; it begins once /srv/ready is there. */
export const toolServer = `
const fs = require("fs"), { execFileSync, spawn } = require("child_process"), { randomBytes } = require("crypto");
const block = randomBytes(1 << 20);
const git = (...words) => execFileSync("git", ["-C", "/tmp/git", ...words], { stdio: "ignore" });
function makeRepository() {
  fs.mkdirSync("/tmp/git/work", { recursive: true });
  for (let at = 0; at < 200; at += 1) fs.writeFileSync("/tmp/git/work/file-" + at, randomBytes(20000).toString("base64"));
  git("init", "--quiet", "--initial-branch=main", "work");
  git("-C", "work", "add", ".");
  git("-C", "work", "-c", "user.name=t", "-c", "user.email=t@example", "commit", "--quiet", "--message", "one");
  git("clone", "--quiet", "--bare", "work", "project.git");
  git("-C", "project.git", "config", "http.receivepack", "true");
}
function runGit(request, response, url) {
  const env = { PATH: process.env.PATH, GIT_PROJECT_ROOT: "/tmp/git", GIT_HTTP_EXPORT_ALL: "1", REMOTE_USER: "t", REMOTE_ADDR: "127.0.0.1",
    REQUEST_METHOD: request.method, PATH_INFO: url.pathname.slice(4), QUERY_STRING: url.search.slice(1), SERVER_PROTOCOL: "HTTP/1.1",
    CONTENT_TYPE: request.headers["content-type"] || "", HTTP_CONTENT_ENCODING: request.headers["content-encoding"] || "", GIT_PROTOCOL: request.headers["git-protocol"] || "" };
  if (request.headers["content-length"]) env.CONTENT_LENGTH = request.headers["content-length"];
  const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  child.stdout.on("data", (chunk) => {
    if (!head) return response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\\r\\n\\r\\n");
    if (end < 0) return;
    for (const line of head.toString("latin1", 0, end).split("\\r\\n")) {
      const [name, value] = [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()];
      if (name === "Status") response.statusCode = Number(value.slice(0, 3));
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
    head = undefined;
  }).on("end", () => response.end());
}
function give(response, total, make) {
  let at = 0;
  const next = () => {
    while (at < total) { at += 1; if (!response.write(make(at))) return response.once("drain", next); }
    response.end();
  };
  next();
}
function answer(request, response) {
  const url = new URL(request.url, "https://x");
  const count = Number(url.searchParams.get("count"));
  if (url.pathname.startsWith("/git/")) return runGit(request, response, url);
  if (url.pathname === "/big") return give(response, count, () => block);
  if (url.pathname === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    return give(response, count, (at) => "id: " + at + "\\nevent: delta\\ndata: {\\"text\\":\\"part " + at + "\\"}\\n\\n");
  }
  const path = "/srv/files" + url.pathname.replace(/\\/$/, "/index.html");
  if (request.method === "GET" && fs.existsSync(path)) {
    const bytes = fs.readFileSync(path);
    const isText = !/\\.(?:tgz|whl)$/.test(path);
    response.setHeader("content-type", path.endsWith(".html") ? "text/html" : isText ? "application/json" : "application/octet-stream");
    return response.end(isText ? bytes.toString().replaceAll("HOST", request.headers.host) : bytes);
  }
  if (url.pathname.startsWith("/npm/-/")) { request.resume(); return response.end("{}"); }
  let bytes = 0;
  request.on("data", (chunk) => { bytes += chunk.length; }).on("error", () => {}).on("end", () => response.end(String(bytes)));
}
const wait = setInterval(() => {
  if (!fs.existsSync("/srv/ready")) return;
  clearInterval(wait);
  makeRepository();
  require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, answer).listen(443, () => console.log("listening"));
}, 20);`;

/** A program that sends so many requests to a host over kept-alive connections and prints how many failed. */
export const makeKeepAlive = (host: string, count: number): string => `
const https = require("https"), net = require("net"), tls = require("tls");
const agent = new https.Agent({ keepAlive: true, maxSockets: 8 });
agent.createConnection = (options, done) => {
  const socket = net.connect(8888, "gate", () => socket.write("CONNECT ${host}:443 HTTP/1.1\\r\\n\\r\\n"));
  socket.once("data", () => { const secure = tls.connect({ socket, servername: "${host}" }, () => done(null, secure)); secure.once("error", done); });
};
const ask = (at) => new Promise((resolve) => {
  const body = at % 2 ? "x".repeat(at % 1500) : "";
  const request = https.request({ host: "${host}", path: "/" + at, method: body ? "POST" : "GET", agent, headers: body ? { "content-length": body.length } : {} }, (answer) => {
    let text = "";
    answer.on("data", (chunk) => { text += chunk; }).on("end", () => resolve(answer.statusCode === 200 && text.includes(String(body.length)) ? 0 : 1)).on("error", () => resolve(1));
  });
  request.on("error", () => resolve(1)).end(body);
});
(async () => {
  let next = 0, failed = 0;
  const lane = async () => { while (next < ${count}) failed += await ask(next++); };
  await Promise.all(Array.from({ length: 8 }, lane));
  console.log("failed " + failed);
  process.exit();
})();`;
