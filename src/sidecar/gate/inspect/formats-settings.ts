/** Formats of settings: a secret that is known by the other settings around it. */
import { isPlaceholder, isRealPassword } from "./format.ts";
import type { Format } from "./format.ts";

/** What of the text stands around a match, so many characters on each side */
const around = ({ input, index, 0: { length } }: RegExpExecArray, reach: number) =>
  input.slice(Math.max(0, index - reach), index + length + reach);

/** Settings parted by semicolons, of an address of JDBC, or of PostgreSQL; a form of a web page has a password too */
const ofDatabase =
  /(?:server|data source|host|user id|uid)=[^;]{1,200};|jdbc:[a-z]{2,20}:|host(?:addr)?=\S{1,200}\s{1,4}(?:\S{1,80}\s{1,4}){0,4}(?:user|dbname|password)=/i;

/** Of an object, in a program: `t._password,n=` */
const propertyOf = /^[A-Za-z_$][\w$]{0,20}\._?[A-Za-z][\w$]*(?:$|[,)\].])/;

const passwords: Format = {
  rule: "connection-string",
  literals: ["password=", "pwd="],
  isFolded: true,
  pattern: /(?:password|pwd)=([^;\s"'&]{6,100})(?=[;\s"'&]|$)/iy,
  isAnywhere: true,
  isValid: (match) =>
    isRealPassword(match[1] ?? "") && !propertyOf.test(match[1] ?? "") && ofDatabase.test(around(match, 150)),
};

/** An id that is public by itself, and the secret that belongs to it: within `reach` characters after a word that says so */
const pair = (rule: string, literal: string, id: string, secret: string): Format => {
  const wanted = new RegExp(`(?<![A-Za-z0-9/+_-])${secret}(?![A-Za-z0-9/+=_-])`);
  return {
    rule,
    literals: [literal],
    pattern: new RegExp(`${id}(?![A-Za-z0-9])(?:(?!${literal})[\\s\\S]){1,160}`, "y"),
    isValid(match) {
      const [, rest = ""] = match[0].split(/secret/i);
      const found = wanted.exec(rest)?.[0];
      return found !== undefined && !isPlaceholder(found);
    },
  };
};

const jwkReach = 2_500;

/** The object around it has a private part. */
function isPrivateJwk({ input, index }: RegExpExecArray): boolean {
  const before = input.slice(Math.max(0, index - jwkReach), index);
  const behind = input.slice(index, index + jwkReach);
  const begin = Math.max(before.lastIndexOf("{"), before.lastIndexOf('"kty"'));
  const end = behind.search(/[{}]|(?<!^)"kty"/);
  const object = before.slice(begin + 1) + (end < 0 ? behind : behind.slice(0, end));
  const secret = /"(?:d|k)"\s{0,4}:\s{0,4}"([\w-]{32,1400})"/.exec(object)?.[1];
  return secret !== undefined && !isPlaceholder(secret.slice(0, 60));
}

export const settingFormats: readonly Format[] = [
  passwords,
  pair("alibaba-key-pair", "LTAI", "LTAI[A-Za-z0-9]{12,22}", "[A-Za-z0-9]{30}"),
  pair("tencent-key-pair", "AKID", "AKID[A-Za-z0-9]{32}", "[A-Za-z0-9]{32}"),
  pair("razorpay-key-pair", "rzp_live_", "rzp_live_[A-Za-z0-9]{14}", "[A-Za-z0-9]{24}"),
  {
    rule: "wireguard-key",
    literals: ["PrivateKey", "PresharedKey"],
    pattern: /(?:Private|Preshared)Key\s{0,3}=\s{0,3}([A-Za-z0-9+/]{43}=)/y,
    isAnywhere: true,
  },
  {
    rule: "private-key",
    literals: ['"kty"'],
    pattern: /"kty"/y,
    isAnywhere: true,
    isValid: isPrivateJwk,
  },
];
