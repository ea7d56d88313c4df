/** A certificate authority of one run and a certificate for its servers, made with openssl and kept in memory. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ServerAuthority {
  /** PEM; what a bottle's image must trust */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes both. The folder with the keys is gone when it returns. */
export async function makeServerAuthority(names: readonly string[]): Promise<ServerAuthority> {
  const folder = await mkdtemp(join(tmpdir(), "claude-bottle-authority-"));
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    await writeFile(join(folder, "names"), `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`);
    await openssl(folder, [
      "req",
      "-x509",
      ...key,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-subj",
      "/CN=claude-bottle test authority",
    ]);
    await openssl(folder, [
      "req",
      ...key,
      "-keyout",
      "key.pem",
      "-out",
      "request.pem",
      "-subj",
      "/CN=test server",
    ]);
    const authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    await openssl(folder, [
      "x509",
      "-req",
      "-in",
      "request.pem",
      ...authority,
      "-out",
      "cert.pem",
      "-extfile",
      "names",
    ]);
    const [ca, cert, serverKey] = await Promise.all(
      ["ca.pem", "cert.pem", "key.pem"].map((name) => readFile(join(folder, name), "utf8")),
    );
    return { ca: ca ?? "", cert: cert ?? "", key: serverKey ?? "" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openssl(cwd: string, words: readonly string[]): Promise<void> {
  const run = Bun.spawn(["openssl", ...words], { cwd, stdout: "ignore", stderr: "pipe" });
  const [code, complaint] = await Promise.all([run.exited, run.stderr.text()]);
  if (code !== 0) throw new Error(`openssl ${words[0]} ended with ${code}: ${complaint}`);
}
