/** A CA as files, right by default and wrong where a test wants it, made anew with openssl for every run. */
import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface AuthorityOptions {
  readonly keyForm?: "sec1" | "pkcs8";
  readonly usage?: string;
  readonly isAuthority?: boolean;
}

/** Writes `ca.pem` and `ca-key.pem` (0600) into the folder. */
export async function makeAuthorityFiles(folder: string, options: AuthorityOptions = {}): Promise<void> {
  const { keyForm = "sec1", usage = "keyCertSign,cRLSign", isAuthority = true } = options;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const keyPath = join(folder, "ca-key.pem");
  await Bun.file(keyPath)
    .delete()
    .catch(() => undefined);
  await writeFile(keyPath, privateKey.export({ type: keyForm, format: "pem" }), { mode: 0o600 });
  const command = [
    "openssl",
    "req",
    "-x509",
    "-new",
    "-key",
    keyPath,
    "-out",
    join(folder, "ca.pem"),
    "-days",
    "1",
  ];
  const extensions = [
    `keyUsage=critical,${usage}`,
    `basicConstraints=critical,CA:${isAuthority ? "TRUE" : "FALSE"}`,
  ];
  const run = Bun.spawn(
    [...command, "-subj", "/CN=test authority", ...extensions.flatMap((one) => ["-addext", one])],
    { stdout: "ignore", stderr: "pipe" },
  );
  const [code, complaint] = await Promise.all([run.exited, run.stderr.text()]);
  if (code !== 0) throw new Error(`openssl req ended with ${code}: ${complaint}`);
}
