/** Certificates that the configured CA signs, by openssl: Node makes none, and the container has no place for a file. */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { isIP } from "node:net";
import { Failure } from "./config.ts";

export interface Leaf {
  readonly key: string;
  readonly cert: string;
}

const made = new Map<string, Leaf>();

/** One for each host, made when it is first asked for. */
export function makeLeaf(host: string, ca: { readonly certificate: string; readonly key: string }): Leaf {
  const known = made.get(host);
  if (known) return known;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const words = [
    ..."openssl req -x509 -new -key /dev/stdin -days 1 -CA".split(" "),
    ca.certificate,
    "-CAkey",
    ca.key,
    ..."-subj /CN=host -addext basicConstraints=critical,CA:FALSE -addext".split(" "),
    `subjectAltName=${isIP(host) ? "IP" : "DNS"}:${host}`,
  ];
  // Its own standard streams are no files that openssl could open
  const { stdout, stderr } = spawnSync("sh", ["-c", 'cat | "$@" | cat', "sh", ...words], {
    input: key,
    encoding: "utf8",
  });
  if (!stdout.includes("BEGIN CERTIFICATE")) throw new Failure(`cannot sign for ${host}: ${stderr}`);
  const leaf = { key, cert: stdout };
  made.set(host, leaf);
  return leaf;
}
