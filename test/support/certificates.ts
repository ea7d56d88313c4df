/** Certificates for servers on loopback, made anew for every run with openssl, so that no key lies in the repository. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../../scripts/lib/run-tool.ts";
import type { TlsFiles } from "../../src/engine/endpoint-world.ts";

interface ServerFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** For a server at 127.0.0.1 that asks for a client's certificate */
  readonly server: ServerFiles;
  /** For a server at another address */
  readonly elsewhere: ServerFiles;
  readonly client: TlsFiles;
}

/** Makes an authority of its own in the folder, and what it vouches for. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  await mkdir(folder, { recursive: true });
  const openssl = (...words: readonly string[]) => runTool(["openssl", ...words], { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority");
  const ca = await readFile(join(folder, "ca.pem"), "utf8");
  const sign = async (name: string, extensions: string) => {
    await writeFile(join(folder, `${name}.ext`), extensions);
    await openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-CAserial", `${name}.srl`];
    await openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...authority,
      "-out",
      `${name}.pem`,
      "-extfile",
      `${name}.ext`,
    );
    const read = (file: string) => readFile(join(folder, file), "utf8");
    return { ca, cert: await read(`${name}.pem`), key: await read(`${name}.key`) };
  };
  const [server, elsewhere, client] = await Promise.all([
    sign("server", "subjectAltName=IP:127.0.0.1"),
    sign("elsewhere", "subjectAltName=DNS:elsewhere.example"),
    sign("client", "extendedKeyUsage=clientAuth"),
  ]);
  return { server, elsewhere, client };
}
