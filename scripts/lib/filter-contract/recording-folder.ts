/** A folder with what a recording needs: a CA for the filter, keys that it must refuse, and the certificate of the server behind it. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "../run-tool.ts";

export interface RecordingFolder extends AsyncDisposable {
  readonly path: string;
  /** A file with the CA of the server */
  readonly serverAuthority: string;
  readonly server: { readonly key: string; readonly cert: string };
}

/** Makes it; all keys are new. */
export async function makeFolder(): Promise<RecordingFolder> {
  const path = await mkdtemp(join(tmpdir(), "filter-contract-"));
  const openssl = (...words: readonly string[]) => runTool(["openssl", ...words], { cwd: path });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const sec1 = privateKey.export({ type: "sec1", format: "pem" });
  await writeFile(join(path, "ca-key.pem"), sec1, { mode: 0o600 });
  await writeFile(join(path, "open-key.pem"), sec1, { mode: 0o644 });
  await writeFile(join(path, "pkcs8-key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }), {
    mode: 0o600,
  });
  const authority = [
    "-addext",
    "basicConstraints=critical,CA:TRUE,pathlen:0",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign",
  ];
  await openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    "ca-key.pem",
    "-out",
    "ca.pem",
    "-days",
    "3",
    "-subj",
    "/CN=filter CA",
    ...authority,
  );
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...fresh,
    "-keyout",
    "s-ca.key",
    "-out",
    "s-ca.pem",
    "-days",
    "3",
    "-subj",
    "/CN=server CA",
  );
  await openssl("req", ...fresh, "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=server");
  await writeFile(join(path, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1");
  await openssl(
    "x509",
    "-req",
    "-in",
    "s.csr",
    "-CA",
    "s-ca.pem",
    "-CAkey",
    "s-ca.key",
    "-CAcreateserial",
    "-extfile",
    "names",
    "-out",
    "s.pem",
  );
  const read = (name: string) => readFile(join(path, name), "utf8");
  return {
    path,
    serverAuthority: join(path, "s-ca.pem"),
    server: { key: await read("s.key"), cert: await read("s.pem") },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
