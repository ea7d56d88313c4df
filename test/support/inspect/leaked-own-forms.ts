/** Requests that carry a secret of the session as programs write bytes: other escapes, other archives, other fields. */
import { deflateRawSync, deflateSync } from "node:zlib";
import { tarball, zip } from "./made-archives.ts";
import type { MadeUp } from "./made-up.ts";
import { form, json, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";

const base64 = (text: Buffer | string) => Buffer.from(text as string).toString("base64");

/** `secret` is a value that the bottle holds. */
export function leakedOwnForms(m: MadeUp, secret: string): Sample[] {
  const bytes = Buffer.from(secret);
  const each = (write: (code: number) => string) => [...bytes].map(write).join("");
  const third = Math.ceil(secret.length / 3);
  const [one = "", two = "", three = ""] = [0, 1, 2].map((at) => secret.slice(at * third, (at + 1) * third));
  return [
    sample("own: escapes of C", { body: `b'${each((code) => `\\x${code.toString(16).padStart(2, "0")}`)}'` }),
    sample("own: octal escapes", { body: each((code) => `\\${code.toString(8).padStart(3, "0")}`) }),
    sample("own: quoted-printable", {
      body: each((code) => `=${code.toString(16).toUpperCase().padStart(2, "0")}`),
    }),
    sample("own: a Buffer as JSON", { type: json, body: JSON.stringify({ data: bytes }) }),
    sample("own: hex with colons", { body: each((code) => `${code.toString(16)}:`).slice(0, -1) }),
    sample("own: hex with 0x", { body: each((code) => `0x${code.toString(16)}, `) }),
    sample("own: base64, percent-encoded", {
      type: form,
      body: `d=${encodeURIComponent(base64(`${secret}??>>`))}`,
    }),
    sample("own: wrapped base64 in JSON", {
      type: json,
      body: JSON.stringify({
        d: base64(`${m.words(20)} ${secret} ${m.words(20)}`).replaceAll(/.{76}/g, "$&\n"),
      }),
    }),
    sample("own: base64 of zlib", { path: `/?d=${deflateSync(secret).toString("base64url")}` }),
    sample("own: base64 of raw deflate", {
      path: `/?d=${deflateRawSync(`${m.words(9)} ${secret}`).toString("base64url")}`,
    }),
    sample("own: zip", {
      body: zip([
        ["a.txt", m.words(30)],
        ["b.txt", secret],
      ]),
    }),
    sample("own: base64 of a tarball", {
      type: json,
      body: JSON.stringify({ f: base64(tarball([["a", `${secret}\n`]])) }),
    }),
    sample("own: password of Basic", { headers: { Authorization: `Basic ${base64(`sam:${secret}`)}` } }),
    sample("own: three headers", { headers: { "X-A": one, "X-B": two, "X-C": three } }),
    sample("own: three steps of a path", {
      path: `/${encodeURIComponent(one)}/${encodeURIComponent(two)}/${encodeURIComponent(three)}`,
    }),
    sample("own: three cookies", { headers: { Cookie: `a=${one}; b=${two}; c=${three}` } }),
    sample("own: fields with others between", {
      type: json,
      body: JSON.stringify({ a: one, n: 1, b: two, t: true, c: three }),
    }),
    sample("own: pieces in base64", {
      type: json,
      body: JSON.stringify([one, two, three].map((part) => base64(part))),
    }),
    sample("own: reversed base64", { body: [...base64(`${secret} `)].toReversed().join("") }),
    sample("own: in capitals, as hex of UTF-16", {
      body: Buffer.from(secret, "utf16le").toString("hex").toUpperCase(),
    }),
  ];
}
