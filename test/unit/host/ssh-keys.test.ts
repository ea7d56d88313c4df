import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readSshKey } from "../../../src/host/ssh-keys.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder } from "../../support/temporary.ts";

/** These make real keys with OpenSSH's own program */
const testWithSsh = test.skipIf(Bun.which("ssh-keygen") === null);
const advice = 'Give the bottle a key of its own: ssh-keygen -t ed25519 -N "" -f ~/.ssh/id_bottle';

async function aKey(...words: string[]): Promise<string> {
  const path = join(await aFolder(), "id");
  await Bun.$`ssh-keygen -q -C comment -f ${path} ${words}`.quiet();
  return path;
}

/** As in RFC 4251 §5: its length, and its bytes */
function string(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A key of OpenSSH's form, as far as it can be read without a passphrase */
function openssh(type: string, cipher = "none"): string {
  const one = Buffer.of(0, 0, 0, 1);
  const head = [Buffer.from("openssh-key-v1\0"), string(cipher), string("none"), string(""), one];
  const body = Buffer.concat([...head, string(string(type)), string("private")]).toString("base64");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

describe("readSshKey()", () => {
  testWithSsh.each([
    ["ed25519", ["-t", "ed25519"]],
    ["RSA", ["-t", "rsa", "-b", "1024"]],
    ["RSA in PEM", ["-t", "rsa", "-b", "1024", "-m", "PEM"]],
    ["RSA in PKCS8", ["-t", "rsa", "-b", "1024", "-m", "PKCS8"]],
    ["ECDSA 256", ["-t", "ecdsa"]],
    ["ECDSA 384 in PEM", ["-t", "ecdsa", "-b", "384", "-m", "PEM"]],
    ["ECDSA 521 in PKCS8", ["-t", "ecdsa", "-b", "521", "-m", "PKCS8"]],
  ])("tells the public half of an %s key as ssh-keygen does", async (_name, words) => {
    const path = await aKey("-N", "", ...words);
    const expected = await Bun.$`ssh-keygen -lf ${path}.pub && cat ${path}.pub`.text();
    await Bun.$`rm ${path}.pub`;
    const key = await readSshKey(path, "gitea");
    expect(key.fingerprint).toStartWith("SHA256:");
    expect(expected).toContain(` ${key.fingerprint} `);
    expect(expected).toContain(`${key.publicKey} comment`);
    expect(JSON.stringify(key)).not.toContain("PRIVATE KEY");
  });

  testWithSsh("takes a key with a passphrase in OpenSSH's form, whose public half is in clear", async () => {
    const path = await aKey("-N", "passphrase", "-t", "ed25519");
    const [type, blob] = (await Bun.file(`${path}.pub`).text()).split(" ");
    const key = await readSshKey(path, "gitea");
    expect(key).toMatchObject({ hasPassphrase: true, publicKey: `${type} ${blob}` });
    expect((await readSshKey(await aKey("-N", "", "-t", "ed25519"), "gitea")).hasPassphrase).toBe(false);
  });

  testWithSsh.each([
    ["PEM", ["-m", "PEM", "-t", "rsa", "-b", "1024"]],
    ["PKCS8", ["-m", "PKCS8", "-t", "ecdsa"]],
  ])("refuses a passphrase in %s, which hides whose key it is", async (_name, words) => {
    const path = await aKey("-N", "passphrase", ...words);
    const error = await failureOf(readSshKey(path, "gitea"));
    expect(error.code).toBe("input");
    expect(error.message).toBe(
      `Cannot use the key "${path}" of ssh host "gitea": it has a passphrase in an old form, which hides whose key it is`,
    );
    expect(error.hint).toBe("Write it in OpenSSH's own form: ssh-keygen -p -f FILE");
  });

  testWithSsh("hands on a key with line ends of Windows as ssh-add reads it", async () => {
    const path = await aKey("-N", "", "-t", "ed25519");
    const text = await Bun.file(path).text();
    await Bun.write(path, text.trimEnd().replaceAll("\n", "\r\n"));
    expect((await readSshKey(path, "gitea")).privateKey.reveal()).toBe(text);
  });

  const ed25519Pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n";

  test.each([
    [
      "a security key",
      openssh("sk-ssh-ed25519@openssh.com"),
      "it works only with a security key, which the sidecar cannot touch",
      advice,
    ],
    ["DSA", openssh("ssh-dss"), "a key of this type cannot be used", advice],
    ["a type with a line break", openssh("ssh-rsa\nx"), "a key of this type cannot be used", advice],
    [
      "a damaged key",
      openssh("ssh-rsa").replace(/\n.{30}/, "\nAAAA"),
      "a damaged OpenSSH key cannot be used",
      advice,
    ],
    [
      "a cut key",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----",
      "a damaged OpenSSH key cannot be used",
      advice,
    ],
    ["ed25519 in PKCS8", ed25519Pem, "an Ed25519 key that is not in OpenSSH's form cannot be used", advice],
    [
      "broken PEM",
      "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
      "a key of this type cannot be used",
      advice,
    ],
    [
      "a public key",
      "ssh-ed25519 AAAA x\n",
      "it is not a private key",
      "Name the private key, not the .pub file.",
    ],
    ["nothing", "", "it is not a private key", "Name the private key, not the .pub file."],
  ])("refuses %s", async (_name, text, state, hint) => {
    const path = join(await aFolder({ id: text }), "id");
    const error = await failureOf(readSshKey(path, "gitea"));
    expect(error.code).toBe("input");
    expect(error.message).toBe(`Cannot use the key "${path}" of ssh host "gitea": ${state}`);
    expect(error.hint).toBe(hint);
  });

  test("says that there is no file, and puts no path into a command to paste", async () => {
    const folder = await aFolder({ "x; rm -rf ~": openssh("sk-ssh-ed25519@openssh.com") });
    const error = await failureOf(readSshKey(join(folder, "none"), "gitea"));
    expect(error.message).toEndWith("there is no such file");
    expect(error.hint).toBe("Correct IdentityFile in the manifest.");
    expect((await failureOf(readSshKey(join(folder, "x; rm -rf ~"), "g"))).hint).toBe(advice);
  });
});
