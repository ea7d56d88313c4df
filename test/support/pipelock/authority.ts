/** The CA for opened TLS: loaded with the real program's demands, and certificates made from it by hand, since Node issues none. */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { addressBytes } from "./addresses.ts";
import type { Config } from "./config.ts";
import { decode, encode, encodeObject, encodeTime, tag } from "./der.ts";
import { describeFileError, Failure } from "./failure.ts";

export interface Leaf {
  /** PEM */
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** A certificate for a name or address, kept for the next time */
  leafFor(host: string): Leaf;
}

const subjectKeyId = "2.5.29.14";
const keyUsage = "2.5.29.15";
const curves = new Set(["secp224r1", "prime256v1", "secp384r1", "secp521r1"]);
const skewMs = 3_600_000;

/** Throws a `Failure` for anything but an EC CA whose key is in SEC1 form. */
export function loadAuthority(paths: Config["interception"]): Authority {
  const certificatePem = firstPemBlock(read(paths.caCert, "CA cert"));
  if (certificatePem === undefined) throw refuse("no PEM block in CA cert file");
  const keyPem = firstPemBlock(read(paths.caKey, "CA key"));
  if (keyPem === undefined) throw refuse("no PEM block in CA key file");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch (error) {
    throw refuse(`parse CA cert: ${String(error)}`);
  }
  const key = readKey(keyPem);
  if (key === undefined) throw refuse("parse CA key: x509: failed to parse EC private key");
  const extensions = readExtensions(certificate.raw);
  const usage = extensions.get(keyUsage);
  // BIT STRING: unused bits, then keyCertSign as bit 5
  if (usage === undefined || ((usage[3] ?? 0) & 0x04) === 0) {
    throw refuse("CA certificate missing KeyUsageCertSign");
  }
  // After the usage, without which OpenSSL counts nothing as a CA
  if (!certificate.ca) throw refuse("certificate is not a CA");
  if (certificate.publicKey.asymmetricKeyType !== "ec")
    throw refuse("CA certificate public key is not ECDSA");
  if (!certificate.checkPrivateKey(key)) throw refuse("CA key does not match certificate");
  return makeAuthority(certificate, key, extensions.get(subjectKeyId), paths.ttlMs);
}

function refuse(reason: string): Failure {
  return new Failure(`load TLS CA: ${reason} (run 'pipelock tls init' to generate)`);
}

function makeAuthority(
  certificate: X509Certificate,
  key: KeyObject,
  keyId: Buffer | undefined,
  ttlMs: number,
): Authority {
  const issuer = readFields(certificate.raw)[5]?.whole ?? Buffer.alloc(0);
  const kept = new Map<string, Leaf & { readonly until: number }>();
  return {
    leafFor(host) {
      const known = kept.get(host);
      if (known && known.until > Date.now()) return known;
      const leaf = { ...makeLeaf(host, issuer, key, keyId, ttlMs), until: Date.now() + ttlMs / 2 };
      kept.set(host, leaf);
      return leaf;
    },
  };
}

function makeLeaf(
  host: string,
  issuer: Buffer,
  key: KeyObject,
  keyId: Buffer | undefined,
  ttlMs: number,
): Leaf {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = encode(tag.sequence, encodeObject("1.2.840.10045.4.3.2"));
  const serial = randomBytes(16);
  // Positive, and without a leading zero byte
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const name = encode(
    tag.sequence,
    encodeObject("2.5.4.3"),
    encode(tag.text, Buffer.from(host.slice(0, 64))),
  );
  const body = encode(
    tag.sequence,
    encode(0xa0, encode(tag.integer, Buffer.from([2]))),
    encode(tag.integer, serial),
    algorithm,
    issuer,
    encode(tag.sequence, encodeTime(new Date(Date.now() - skewMs)), encodeTime(new Date(Date.now() + ttlMs))),
    encode(tag.sequence, encode(tag.set, name)),
    pair.publicKey.export({ type: "spki", format: "der" }),
    encode(0xa3, encode(tag.sequence, ...makeExtensions(host, keyId))),
  );
  const signature = encode(tag.bits, Buffer.from([0]), sign("sha256", body, key));
  const der = encode(tag.sequence, body, algorithm, signature);
  return {
    cert: toPem(der),
    key: pair.privateKey.export({ type: "sec1", format: "pem" }) as string,
  };
}

function extension(id: string, isCritical: boolean, content: Buffer): Buffer {
  const critical = isCritical ? [encode(tag.boolean, Buffer.from([0xff]))] : [];
  return encode(tag.sequence, encodeObject(id), ...critical, encode(tag.octets, content));
}

function makeExtensions(host: string, keyId: Buffer | undefined): Buffer[] {
  const name = isIP(host) === 0 ? encode(0x82, Buffer.from(host)) : encode(0x87, addressBytes(host));
  return [
    // digitalSignature
    extension(keyUsage, true, encode(tag.bits, Buffer.from([7, 0x80]))),
    // serverAuth
    extension("2.5.29.37", false, encode(tag.sequence, encodeObject("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.17", false, encode(tag.sequence, name)),
    ...(keyId === undefined
      ? []
      : [
          extension(
            "2.5.29.35",
            false,
            encode(tag.sequence, encode(0x80, decode(keyId)[0]?.content ?? Buffer.alloc(0))),
          ),
        ]),
  ];
}

/** The fields of the signed part: version, serial, algorithm, issuer, validity, subject, key, extensions. */
function readFields(raw: Buffer) {
  const body = decode(decode(raw)[0]?.content ?? Buffer.alloc(0))[0];
  return decode(body?.content ?? Buffer.alloc(0));
}

/** Contents by dotted object identifier, as far as they are asked for here. */
function readExtensions(raw: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const list = readFields(raw).find((field) => field.tag === 0xa3);
  for (const extension of decode(decode(list?.content ?? Buffer.alloc(0))[0]?.content ?? Buffer.alloc(0))) {
    const parts = decode(extension.content);
    const content = parts.at(-1)?.content;
    for (const id of [subjectKeyId, keyUsage]) {
      if (content && parts[0]?.whole.equals(encodeObject(id))) found.set(id, content);
    }
  }
  return found;
}

function readKey(pem: string): KeyObject | undefined {
  // PKCS#8 would parse too, but the real program reads SEC1 only
  if (!pem.startsWith("-----BEGIN EC PRIVATE KEY-----")) return undefined;
  try {
    const key = createPrivateKey(pem);
    return curves.has(key.asymmetricKeyDetails?.namedCurve ?? "") ? key : undefined;
  } catch {
    return undefined;
  }
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw refuse(`read ${what}: ${describeFileError("open", path, error)}`);
  }
}

function firstPemBlock(text: string): string | undefined {
  return /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/.exec(text)?.[0];
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{1,64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}
