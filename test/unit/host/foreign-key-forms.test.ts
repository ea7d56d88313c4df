/** Key files that OpenSSH does not read are told from those that it reads, and what is handed on is read by it. */
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { BottleError } from "../../../src/core/error.ts";
import { readSshKey } from "../../../src/host/ssh-keys.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder } from "../../support/temporary.ts";

// Needs: openssl
setDefaultTimeout(60_000);
const withSsh = Bun.which("ssh-keygen") !== null;
const forms = [
  "-t ed25519",
  "-t rsa -b 2048",
  "-t rsa -b 1024 -m PEM",
  "-t ecdsa",
  "-t ecdsa -b 384 -m PKCS8",
];
const made = new Map<string, string>();

beforeAll(async () => {
  for (const form of withSsh ? forms : []) {
    const path = join(await aFolder(), "id");
    await Bun.$`ssh-keygen -q -N "" -f ${path} ${form.split(" ")}`.quiet();
    made.set(form, await Bun.file(path).text());
  }
});

async function put(content: string | Uint8Array): Promise<string> {
  const path = join(await aFolder(), "id");
  await Bun.write(path, content);
  await chmod(path, 0o600);
  return path;
}

/** What OpenSSH says is the public half; undefined if it does not read the file */
async function readByOpenssh(path: string): Promise<string | undefined> {
  const { exitCode, stdout } = await Bun.$`ssh-keygen -y -P "" -f ${path}`.quiet().nothrow();
  return exitCode === 0 ? stdout.toString().trim().split(" ").slice(0, 2).join(" ") : undefined;
}

const block = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n";
const pem = block.replaceAll("OPENSSH ", "");

describe("a key file is refused with the reason, and what makes one that OpenSSH reads,", () => {
  test.each<[name: string, content: string | Uint8Array, state: string, hint: string]>([
    ["a byte order mark", `\ufeff${block}`, "it begins with a byte order mark", "tail -c +4 FILE"],
    ["UTF-16", Buffer.from(`\ufeff${block}`, "utf16le"), "it is UTF-16 text", "iconv -f UTF-16"],
    ["UTF-16 of the other order", Buffer.from(`\ufeff${block}`, "utf16le").swap16(), "it is UTF-16", "iconv"],
    ["UTF-16 without a mark", Buffer.from(block, "utf16le"), "it is UTF-16 text", "iconv -f UTF-16"],
    ["PuTTY's form", "PuTTY-User-Key-File-3: ssh-ed25519\n", "it is in PuTTY's form", "puttygen FILE -O"],
    ["PuTTY's older form", "PuTTY-User-Key-File-2: ssh-rsa\r\n", "it is in PuTTY's form", "puttygen FILE -O"],
    ["ssh.com's", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", "the SSH2 form", "ssh-keygen -i -f FILE"],
    ["SSH 1", "SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0", "it is a key for SSH 1", "ssh-keygen -t ed25519"],
    ["PGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "it is a PGP key", "ssh-keygen -t ed25519"],
    ["age", "# created: x\n# public key: y\nAGE-SECRET-KEY-1\n", "it is an age key", "ssh-keygen -t ed25519"],
    ["a JWK", '{"kty":"OKP"}', "it is JSON", "ssh-keygen -t ed25519"],
    ["DER", Uint8Array.of(0x30, 0x82, 0x04, 0xa4, 0x02, 0x01, 0x00), "it is binary, as DER", "openssl pkey"],
    [
      "a certificate",
      "-----BEGIN CERTIFICATE-----\nAA==\n",
      "it is a certificate",
      "Name the private key that",
    ],
    [
      "a public key in PEM",
      "-----BEGIN PUBLIC KEY-----\nAA==\n",
      "it is not a private key",
      "not the .pub file",
    ],
    [
      "text in front",
      `My key:\n${block}`,
      "there is text in front of its first line",
      "Delete everything above",
    ],
    ["text in front of PEM", `Bag Attributes\n${pem}`, "there is text in front", "Delete everything above"],
    [
      "text on the line",
      `key: ${block}`,
      "there is text in front of its first line",
      "Delete everything above",
    ],
    [
      "indented lines",
      block.replaceAll(/^(?=.)/gm, "  "),
      "its lines are indented",
      "sed 's/^[[:blank:]]*//'",
    ],
    ["written line breaks", block.replaceAll("\n", "\\n"), "its line breaks are written out", "printf '%b"],
    ["no line breaks", block.replaceAll("\n", " "), "its line breaks are missing", "Copy the key again"],
    ["no end", block.slice(0, 60), "its last line (-----END …) is missing", "Copy the key again"],
    [
      "another end",
      block.replace("END OPENSSH", "END RSA"),
      "its last line (-----END …)",
      "Copy the key again",
    ],
  ])("%s", async (_name, content, state, hint) => {
    const path = await put(content);
    const error = await failureOf(readSshKey(path, "gitea"));
    expect(error.code).toBe("input");
    expect(error.message).toStartWith(`Cannot use the key "${path}" of ssh host "gitea": `);
    expect(error.message).toContain(state);
    expect(error.hint).toContain(hint);
    expect(error.message + error.hint).not.toContain("b3Bl");
  });
});

describe.skipIf(!withSsh)("a key file that is accepted is read by OpenSSH as it is handed on,", () => {
  const changes: readonly (readonly [string, (text: string) => string])[] = [
    ["as it is", (text) => text],
    ["with line ends of Windows", (text) => text.replaceAll("\n", "\r\n")],
    ["with line ends of old Macs", (text) => text.replaceAll("\n", "\r")],
    ["with blanks behind its lines", (text) => text.replaceAll("\n", " \t\n")],
    ["with empty lines around it", (text) => `\n \n${text}\n\n`],
    ["without its last line end", (text) => text.trimEnd()],
    ["with text behind it", (text) => `${text}a comment\n`],
  ];

  test.each(changes)("%s", async (_name, change) => {
    for (const form of forms) {
      const text = made.get(form) ?? "";
      const key = await readSshKey(await put(change(text)), "gitea");
      expect(key.publicKey).toBe((await readByOpenssh(await put(text))) ?? "");
      expect(await readByOpenssh(await put(key.privateKey.reveal()))).toBe(key.publicKey);
    }
  });

  test("with its curve in front, as openssl writes it", async () => {
    const text = await Bun.$`openssl ecparam -genkey -name prime256v1`.quiet().nothrow().text();
    if (text === "") return;
    expect(text).toStartWith("-----BEGIN EC PARAMETERS-----");
    const key = await readSshKey(await put(text), "gitea");
    expect(await readByOpenssh(await put(key.privateKey.reveal()))).toBe(key.publicKey);
  });

  test("however it was damaged", async () => {
    let seed = 7;
    const pick = (count: number) => (seed = (seed * 48_271) % 2_147_483_647) % count;
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n- \0";
    const counts = { accepted: 0, refused: 0 };
    for (const form of forms) {
      for (let round = 0; round < 60; round += 1) {
        const text = made.get(form) ?? "";
        const at = pick(text.length);
        const length = [0, 1, 1, 1, 4, 64][pick(6)] ?? 0;
        const put1 = pick(4) === 0 ? "" : (letters[pick(letters.length)] ?? "");
        const damaged = text.slice(0, at) + put1 + text.slice(at + length);
        const key = await readSshKey(await put(damaged), "gitea").catch((error: unknown) => error);
        if (key instanceof BottleError) counts.refused += 1;
        else {
          const { publicKey, privateKey } = key as Awaited<ReturnType<typeof readSshKey>>;
          expect(await readByOpenssh(await put(privateKey.reveal()))).toBe(publicKey);
          counts.accepted += 1;
        }
      }
    }
    // Both happen, or nothing was tried
    expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(20);
  });
});
