/** The certificate that the gate shows for the hosts whose TLS it opens, signed by the bottle's own CA. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import { isIpv4 } from "../../core/host-name.ts";
import { openssl, validDays } from "./openssl.ts";

/**
 * One for all hosts, since all are known from the start: nothing is signed while an agent waits. `folder` is in memory and holds the
 * CA as `createAuthority` leaves it.
 */
export async function makeHostCertificate(folder: string, hosts: readonly string[]): Promise<SecureContext> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  const draft = await mkdtemp(join(folder, "host-"));
  try {
    const path = (name: string) => join(draft, name);
    await writeFile(path("key"), key, { mode: 0o600 });
    await writeFile(path("extensions"), renderExtensions(hosts));
    await openssl(
      "req",
      "-new",
      "-key",
      path("key"),
      "-subj",
      "/CN=claude-bottle gate",
      "-out",
      path("request"),
    );
    await openssl(
      "x509",
      "-req",
      ...[
        ["-in", path("request")],
        ["-CA", join(folder, "ca.pem")],
        ["-CAkey", join(folder, "ca-key.pem")],
        ["-set_serial", `0x01${randomBytes(16).toString("hex")}`],
        ["-days", validDays],
        ["-extfile", path("extensions")],
        ["-out", path("certificate")],
      ].flat(),
    );
    const cert = await readFile(path("certificate"), "utf8");
    return createSecureContext({ key, cert, minVersion: "TLSv1.2" });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Every program of today reads the names here alone. */
function renderExtensions(hosts: readonly string[]): string {
  const names = hosts.map((host) => `${isIpv4(host) ? "IP" : "DNS"}:${host}`);
  return [
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=serverAuth",
    "subjectKeyIdentifier=hash",
    "authorityKeyIdentifier=keyid",
    `subjectAltName=${names.join(",")}`,
    "",
  ].join("\n");
}
