/** A certificate authority of a test and one certificate that it vouches for, made with openssl and kept in memory. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "../../scripts/lib/run-tool.ts";

export interface TestAuthority {
  /** PEM */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes both; the certificate is for all the names. */
export async function makeTestAuthority(names: readonly string[]): Promise<TestAuthority> {
  const folder = await mkdtemp(join(tmpdir(), "authority-"));
  try {
    const run = (...words: readonly string[]) => runTool(["openssl", ...words], { cwd: folder });
    await run(
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-subj",
      "/CN=test authority",
    );
    await run("req", ...newKey, "-keyout", "key", "-out", "csr", "-subj", "/CN=server");
    await writeFile(join(folder, "ext"), `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`);
    const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext"];
    await run("x509", "-req", "-in", "csr", ...signing, "-out", "cert");
    const read = (name: string) => readFile(join(folder, name), "utf8");
    return { ca: await read("ca.pem"), cert: await read("cert"), key: await read("key") };
  } finally {
    await rm(folder, { recursive: true });
  }
}
