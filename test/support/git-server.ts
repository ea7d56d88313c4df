/** A git server of a test behind TLS: git's own http-backend, behind Node. What was asked for is written down. */

/** By the variables TOKEN, the password that it wants for what lies below `closed/`, and KNOWN, what stands in its file `old/known`. */
export const gitServer = `
const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
// The same commits on every server
const env = { ...process.env, GIT_AUTHOR_DATE: "1700000000 +0000", GIT_COMMITTER_DATE: "1700000000 +0000" };
const git = (...words) => execFileSync("git", words, { stdio: "ignore", env });
git("init", "-q", "-b", "main", "/tmp/tree");
fs.writeFileSync("/tmp/tree/file", "first\\n");
const commit = () => {
  git("-C", "/tmp/tree", "add", ".");
  git("-C", "/tmp/tree", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "a commit");
};
commit();
fs.writeFileSync("/tmp/tree/file", "first\\nsecond\\n");
fs.mkdirSync("/tmp/tree/old");
fs.writeFileSync("/tmp/tree/old/known", (process.env.KNOWN ?? "") + "\\n");
commit();
for (const name of ["acme/shop", "acme/other", "evil/loot", "closed/shop"]) {
  git("clone", "-q", "--bare", "/tmp/tree", "/tmp/root/" + name + ".git");
  const set = (key, value) => git("-C", "/tmp/root/" + name + ".git", "config", key, value);
  set("http.receivepack", "true");
  set("receive.advertisePushOptions", "true");
  set("receive.certNonceSeed", "seed");
  set("uploadpack.allowFilter", "true");
  set("uploadpack.allowAnySHA1InWant", "true");
}
require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, (request, response) => {
  const { authorization = "" } = request.headers;
  // Whatever the name is, as code hosts have it for tokens
  const isRight = Buffer.from(authorization.slice(6), "base64").toString().endsWith(":" + process.env.TOKEN);
  fs.appendFileSync("/tmp/seen", request.method + " " + request.url + " " + (isRight ? "right" : authorization ? "wrong" : "none") + "\\n");
  if (request.url.startsWith("/closed/") && !isRight)
    return request.resume(), response.writeHead(401, { "www-authenticate": "Basic realm=git" }).end();
  const [path, query = ""] = request.url.split("?");
  const backend = spawn("/usr/lib/git-core/git-http-backend", [], { env: { ...process.env, GIT_PROJECT_ROOT: "/tmp/root",
    GIT_HTTP_EXPORT_ALL: "1", REMOTE_USER: "me", PATH_INFO: path, QUERY_STRING: query, REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers["content-type"] ?? "", CONTENT_LENGTH: request.headers["content-length"] ?? "",
    HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "", GIT_PROTOCOL: request.headers["git-protocol"] ?? "" } });
  request.pipe(backend.stdin).on("error", () => undefined);
  let head = "";
  backend.stdout.on("data", function read(chunk) {
    head += chunk.toString("latin1");
    const end = head.indexOf("\\r\\n\\r\\n");
    if (end < 0) return;
    backend.stdout.off("data", read);
    const headers = Object.fromEntries(head.slice(0, end).split("\\r\\n").map((line) => line.split(/: (.*)/s)));
    response.writeHead(Number((headers.Status ?? "200").slice(0, 3)), headers);
    response.write(Buffer.from(head.slice(end + 4), "latin1"));
    backend.stdout.pipe(response);
  });
}).listen(443, () => console.log("listening"));
`;
