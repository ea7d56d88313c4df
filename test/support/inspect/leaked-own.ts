/** Requests that carry a secret of the session, in the forms in which somebody could write it. */
import { gzipSync } from "node:zlib";
import type { MadeUp } from "./made-up.ts";
import { form, json, multipart, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";

const escapeAll = (text: string, write: (code: string) => string, pad = 0) =>
  [...text].map((one) => write(one.charCodeAt(0).toString(16).padStart(pad, "0"))).join("");
const base64 = (text: string | Buffer) => Buffer.from(text as string).toString("base64");

/** `secret` is a value that the bottle holds. */
export function leakedOwn(m: MadeUp, secret: string): Sample[] {
  const half = secret.length >> 1;
  const wrap = (text: string, width: number) =>
    (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join("\r\n");
  return [
    sample("own: header", { headers: { "X-Data": secret } }),
    sample("own: path", { path: `/a/${encodeURIComponent(secret)}/b` }),
    sample("own: query, percent-encoded whole", { path: `/?d=${escapeAll(secret, (code) => `%${code}`)}` }),
    sample("own: percent-encoded twice", { path: `/?d=${escapeAll(secret, (code) => `%25${code}`)}` }),
    sample("own: JSON", { type: json, body: JSON.stringify({ note: `it is ${secret}.` }) }),
    sample("own: JSON escapes", {
      type: json,
      body: `{"d":"${escapeAll(secret, (code) => `\\u${code}`, 4)}"}`,
    }),
    sample("own: HTML escapes", { type: "text/html", body: escapeAll(secret, (code) => `&#x${code};`) }),
    sample("own: base64", { body: base64(secret) }),
    sample("own: base64, one further", { body: base64(`x${secret}`) }),
    sample("own: base64, two further, in a text", {
      body: `${m.words(20)} ${base64(`xy${secret}${m.words(4)}`)}`,
    }),
    sample("own: base64url", { path: `/?d=${Buffer.from(`z${secret}`).toString("base64url")}` }),
    sample("own: base64, wrapped", { body: wrap(base64(`${m.words(9)} ${secret} ${m.words(9)}`), 20) }),
    sample("own: base64 twice", { body: base64(base64(`a ${secret}`)) }),
    sample("own: hex", { body: Buffer.from(secret).toString("hex") }),
    sample("own: hex in capitals", { path: `/${Buffer.from(secret).toString("hex").toUpperCase()}` }),
    sample("own: hex dump", {
      body: Buffer.from(secret)
        .toString("hex")
        .replaceAll(/(..)(?=.)/g, "$1 "),
    }),
    sample("own: hex of base64", { body: Buffer.from(base64(secret)).toString("hex") }),
    sample("own: base64 of hex", { body: base64(Buffer.from(secret).toString("hex")) }),
    sample("own: reversed", { body: `x ${[...secret].toReversed().join("")} y` }),
    sample("own: base64 of reversed", { body: base64([...secret].toReversed().join("")) }),
    sample("own: UTF-16", { body: Buffer.from(`a ${secret} b`, "utf16le") }),
    sample("own: base64 of UTF-16", { body: base64(Buffer.from(secret, "utf16le")) }),
    sample("own: gzip", {
      headers: { "Content-Encoding": "gzip" },
      body: gzipSync(`${m.words(200)} ${secret}`),
    }),
    sample("own: base64 of gzip", {
      type: json,
      body: JSON.stringify({ d: gzipSync(secret).toString("base64") }),
    }),
    sample("own: two fields", {
      type: form,
      body: `a=${encodeURIComponent(secret.slice(0, half))}&b=${encodeURIComponent(secret.slice(half))}`,
    }),
    sample("own: four fields of JSON", {
      type: json,
      body: JSON.stringify([0, 1, 2, 3].map((at) => secret.slice(at * 10, at * 10 + 10))),
    }),
    sample("own: part of a multipart", multipart([['name="a"', base64(secret)]])),
    sample("own: in 200 kB of text", { body: `${m.words(20_000)} ${secret} ${m.words(20_000)}` }),
  ];
}
