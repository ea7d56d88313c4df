/** The CA of one bottle, for hosts whose TLS is opened: made in the sidecar, kept in its memory, gone with it. */
import { generateKeyPairSync } from "node:crypto";
import { access, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openssl, validDays } from "./openssl.ts";

/**
 * Writes `ca.pem` and `ca-key.pem` into a folder in memory and returns the certificate. pipelock takes an EC key in SEC1 form
 * only, and refuses a key that others may read. The key is written last: its presence says that both are whole.
 *
 * A folder that only the gate uses is gone with the gate. With `givenKey` the one that takes its place signs with the same key, and
 * what it signs is good under the certificate that the bottle trusts, although its own has another number.
 */
export async function createAuthority(folder: string, givenKey?: string): Promise<string> {
  const known = await findAuthority(folder);
  if (known !== undefined) return known;
  const draft = join(folder, "ca-key.draft");
  const certificatePath = join(folder, "ca.pem");
  await writeFile(draft, givenKey ?? makeKey(), { mode: 0o600 });
  await openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    draft,
    "-out",
    certificatePath,
    "-days",
    validDays,
    "-subj",
    "/CN=claude-bottle inspection CA",
    "-addext",
    "basicConstraints=critical,CA:TRUE,pathlen:0",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign",
  );
  await rename(draft, join(folder, "ca-key.pem"));
  return readFile(certificatePath, "utf8");
}

function makeKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ type: "sec1", format: "pem" }).toString();
}

/** A gate that is started again finds its CA where it left it; another one would not be trusted in the bottle that runs. */
async function findAuthority(folder: string): Promise<string | undefined> {
  try {
    await access(join(folder, "ca-key.pem"));
    return await readFile(join(folder, "ca.pem"), "utf8");
  } catch {
    return undefined;
  }
}
