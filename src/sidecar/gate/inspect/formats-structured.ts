/** Formats that are known by what stands around them: keys in armour, pairs, connection strings, files of settings. */
import { isPlaceholder, isRealPassword, readBasic } from "./format.ts";
import type { Format } from "./format.ts";
import { settingFormats } from "./formats-settings.ts";

/** A key of 256 bits with its wrapping has more; a stub of documentation has less */
const leastKeyText = 100;

/** As many characters of base64 as a key has, whatever its lines are parted by */
function isKeyBody(text: string): boolean {
  const body = text
    .replaceAll(/\\[nrt]|&#1[03];|%0[aAdD]|[\s"'+,\\]/g, "")
    .replace(/^(?:[A-Za-z-]+:[^:]{0,80}?(?=MI|b3Bl|lQ|xc|lI|lF))+/, "");
  return body.length >= leastKeyText * 0.9 && !isPlaceholder(body.slice(30, 90));
}

const aws40 = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/;

function isAwsSecret(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text) && !isPlaceholder(text);
}

/** `scheme://name:password@host`, by the schemes that are used with passwords */
const connection = (scheme: string, literals: readonly string[]): Format => ({
  rule: "connection-string",
  literals,
  pattern: new RegExp(`${scheme}://[^\\s:@/"'<>]{0,100}:([^\\s@/"'<>]{3,200})@([^\\s/"'<>,]{1,200})`, "y"),
  mayBegin: mayNameSomebody,
  isValid: (match) => isRealPassword(match[1] ?? "") && !isOwnMachine(match[2] ?? ""),
});

const mostOfName = 320;

/** An `@` comes before the name of the host ends, written as it is or as an escape: `%40`, `\u0040`, `&#64;`. */
function mayNameSomebody(bytes: Buffer, at: number): boolean {
  const end = Math.min(bytes.length, at + mostOfName);
  let slashes = 0;
  for (let index = at; index < end; index += 1) {
    const byte = bytes[index] as number;
    if (byte === 0x40) return true;
    if (byte <= 0x20 || byte === 0x22 || byte === 0x3c || byte === 0x3e) return false;
    if (byte === 0x2f && (slashes += 1) > 2) return false;
    const next = bytes[index + 1];
    if (byte === 0x25 && (next === 0x34 || next === 0x32)) return true;
    if (byte === 0x5c && next === 0x75) return true;
    if (byte === 0x26 && (next === 0x23 || next === 0x63)) return true;
  }
  return end !== at + mostOfName;
}

function isOwnMachine(host: string): boolean {
  return /^(?:localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[a-z]+:\d|[a-z]+$|(?:[\w-]+\.)*example\.)/i.test(
    host,
  );
}

/** Of Azure's emulators: the same ones for everybody */
const emulatorKeys =
  /^(?:Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IF|C2y6yDjf5\/R\+ob0N8A7Cgv30VRDJIWEHLM\+4QDU5DE)/;

export const structuredFormats: readonly Format[] = [
  {
    rule: "private-key",
    literals: ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----", "PRIVATE+KEY-----"],
    pattern: /PRIVATE[ +]KEY(?:[ +]BLOCK)?-----([A-Za-z0-9+/=\s\\:,.()%&#;"']{100,800})/y,
    isAnywhere: true,
    isValid: (match) => isKeyBody(match[1] ?? ""),
  },
  {
    rule: "private-key",
    literals: ["Private-Lines: "],
    pattern: /Private-Lines: \d+\s{1,2}[A-Za-z0-9+/]{40}/y,
    isAnywhere: true,
  },
  { rule: "age-key", literals: ["AGE-SECRET-KEY-1"], pattern: /AGE-SECRET-KEY-1([A-Z0-9]{58})/y },
  {
    // The beginning of a PEM header in base64, as kubeconfig and Kubernetes have it; certificates begin alike
    rule: "private-key",
    literals: ["LS0tLS1CRUdJTi"],
    pattern: /LS0tLS1CRUdJTi[A-Za-z0-9+/]{100,200}/y,
    isAnywhere: true,
    isValid: (match) => Buffer.from(match[0], "base64").includes("PRIVATE KEY-----"),
  },
  {
    rule: "aws-key-pair",
    literals: ["AKIA", "ASIA"],
    pattern:
      /A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])[^A-Za-z0-9/+]{1,12}(?:[\w .-]{0,40}[^A-Za-z0-9/+]{1,8})?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/y,
    isValid: (match) => isAwsSecret(match[0].slice(-40)),
  },
  {
    rule: "aws-key-pair",
    literals: ["AKIA", "ASIA"],
    pattern: /A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])[\s\S]{1,200}/y,
    isValid: (match) => /secret/i.test(match[0]) && isAwsSecret(aws40.exec(match[0].slice(20))?.[0] ?? ""),
  },
  {
    rule: "aws-secret-key",
    literals: ["secret_access_key", "secretaccesskey", "secret-access-key", "secret_key", "secretkey"],
    isFolded: true,
    pattern:
      /secret[_-]?(?:access[_-]?)?key["'\\]{0,3}\s{0,4}(?::|=>|=|>|,)\s{0,4}["'\\]{0,3}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/iy,
    isAnywhere: true,
    isValid: (match) => isAwsSecret(match[1] ?? ""),
  },
  {
    rule: "azure-storage-key",
    literals: ["AccountKey=", "SharedAccessKey=", "accesskey="],
    pattern: /(?:AccountKey|SharedAccessKey|accesskey)=([A-Za-z0-9+/]{43,88}={0,2})/y,
    isAnywhere: true,
    isValid: (match) => !emulatorKeys.test(match[1] ?? ""),
  },
  {
    rule: "azure-client-secret",
    literals: [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~-"].flatMap((one) => [
      `${one}8Q~`,
      `${one}7Q~`,
    ]),
    pattern: /[A-Za-z0-9_.~-]{3}[78]Q~([A-Za-z0-9_.~-]{31,34})/y,
    before: [2],
  },
  {
    rule: "azure-cognitive-key",
    literals: ["JQQJ99"],
    pattern: /[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}/y,
    before: [52],
  },
  {
    rule: "azure-devops-token",
    literals: ["AZDO"],
    pattern: /[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}/y,
    before: [76],
  },
  {
    rule: "npmrc-token",
    literals: [":_authToken", ":_password", "_auth="],
    pattern: /:?_(?:authToken|password|auth)\s{0,3}=\s{0,3}["']?([^\s"'$\\:=]{16,600})/y,
    isAnywhere: true,
  },
  {
    rule: "netrc-password",
    literals: ["machine "],
    mayBegin: (bytes, at) => bytes.toString("latin1", Math.max(0, at), at + 120).includes("login"),
    pattern: /machine\s+[\w.-]{3,100}\s+login\s+\S{1,100}\s+password\s+(\S{6,200})/y,
    isValid: (match) => isRealPassword(match[1] ?? ""),
  },
  {
    rule: "docker-auth",
    literals: ['"auth"'],
    pattern: /"auth"\s{0,4}:\s{0,4}"([A-Za-z0-9+/]{12,2000}={0,2})"/y,
    isValid: (match) => isRealPassword(readBasic(match[1] ?? "")?.[1] ?? ""),
  },
  {
    rule: "kubeconfig-token",
    literals: ["token: eyJ", 'token: "eyJ'],
    pattern: /token: ["']?(eyJ[\w-]{10,400}\.[\w-]{10,1600}\.[\w-]{10,600})/y,
    isValid(match) {
      const around = match.input.slice(Math.max(0, match.index - 600), match.index + match[0].length + 600);
      return (
        /(?:current-context|clusters|contexts|kind: Config):?/.test(around) &&
        /(?:users|user|name):/.test(around)
      );
    },
  },
  {
    rule: "datadog-key",
    literals: ["DD_API_KEY", "DD_APP_KEY", "dd-api-key", "dd-application-key"],
    isFolded: true,
    pattern:
      /dd[_-](?:api|app|application)[_-]key["']?\s{0,3}[:=]\s{0,3}["']?([0-9a-f]{32,40})(?![0-9a-f])/iy,
  },
  { rule: "okta-token", literals: ["SSWS 00"], pattern: /SSWS 00([\w-]{38,42})/y },
  connection("rediss?", ["redis://", "rediss://"]),
  connection("amqps?", ["amqp://", "amqps://"]),
  connection("mongodb(?:\\+srv)?", ["mongodb://", "mongodb+srv://"]),
  connection("(?:mysql|mariadb)x?", ["mysql://", "mysqlx://", "mariadb://"]),
  connection("postgres(?:ql)?(?:\\+\\w+)?", ["postgres://", "postgresql://", "postgresql+"]),
  connection("(?:mssql|sqlserver|clickhouse|cockroachdb|ldaps?|smtps?|s?ftp|nats|snowflake)", [
    "mssql://",
    "sqlserver://",
    "clickhouse://",
    "cockroachdb://",
    "ldap://",
    "ldaps://",
    "smtp://",
    "smtps://",
    "ftp://",
    "sftp://",
    "nats://",
    "snowflake://",
  ]),
  { ...connection("https?", ["http://", "https://"]), rule: "password-in-url" },
  ...settingFormats,
];
