/** Everyday requests whose bodies are no text. */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { armour } from "./made-up.ts";
import type { MadeUp } from "./made-up.ts";
import { json, multipart, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";

export function binaries(m: MadeUp): Sample[] {
  const png = (size: number) =>
    Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"), m.bytes(size)]);
  const jpeg = Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
    Buffer.from("\0\x10JFIF\0"),
    m.bytes(70_000),
  ]);
  return [
    sample("PNG", { method: "PUT", path: "/avatar", type: "image/png", body: png(20_000) }),
    sample("JPEG", { type: "image/jpeg", body: jpeg }),
    sample("PNG in a form", {
      ...multipart([
        ['name="title"', m.words(3)],
        ['name="file"; filename="a.png"\r\nContent-Type: image/png', png(30_000)],
      ]),
    }),
    sample("GIF", { type: "image/gif", body: Buffer.concat([Buffer.from("GIF89a"), m.bytes(8_000)]) }),
    sample("protobuf", {
      type: "application/x-protobuf",
      body: Buffer.concat([
        Buffer.from([10, 40]),
        Buffer.from(m.hex(40)),
        m.bytes(4_000),
        Buffer.from(m.words(50)),
      ]),
    }),
    sample("gRPC", {
      type: "application/grpc",
      body: Buffer.concat([Buffer.from([0, 0, 0, 8, 0]), m.bytes(2_048)]),
    }),
    sample("wasm", {
      type: "application/wasm",
      body: Buffer.concat([Buffer.from("\0asm\x01\0\0\0", "latin1"), m.bytes(40_000)]),
    }),
    sample("gzip upload", { type: "application/gzip", body: gzipSync(m.words(9_000)) }),
    sample("zip upload", {
      type: "application/zip",
      body: Buffer.concat([Buffer.from("PK\x03\x04\x14\0\0\0\0\0", "latin1"), m.bytes(50_000)]),
    }),
    sample("brotli JSON", {
      type: json,
      headers: { "Content-Encoding": "br" },
      body: brotliCompressSync(JSON.stringify({ text: m.words(900) })),
    }),
    sample("deflate text", {
      type: "text/plain",
      headers: { "Content-Encoding": "deflate" },
      body: deflateSync(m.words(900)),
    }),
    sample("audio", { type: "audio/mpeg", body: m.bytes(60_000) }),
    sample("chunk of an upload", {
      method: "PATCH",
      type: "application/offset+octet-stream",
      headers: { "Upload-Offset": "0", "Tus-Resumable": "1.0.0" },
      body: m.bytes(120_000),
    }),
    sample("base64 PNG", {
      type: json,
      body: JSON.stringify({ image: `data:image/png;base64,${png(9_000).toString("base64")}` }),
    }),
    sample("base64 of 100 kB", { type: json, body: JSON.stringify({ data: m.base64(75_000) }) }),
    sample("base64 of 400 kB", { type: json, body: JSON.stringify({ data: m.base64(300_000) }) }),
    sample("base64url of 100 kB", { type: json, body: JSON.stringify({ data: m.base64url(75_000) }) }),
    sample("hex dump", { type: "text/plain", body: m.hex(60_000) }),
    sample("font in a style sheet", {
      type: "text/css",
      body: `@font-face{src:url(data:font/woff2;base64,${m.base64(18_000)})}`,
    }),
    sample("mail with an attachment", {
      type: "message/rfc822",
      body: `From: a@example.org\r\nContent-Transfer-Encoding: base64\r\n\r\n${(m.base64(12_000).match(/.{1,76}/g) ?? []).join("\r\n")}\r\n`,
    }),
    sample("certificate request", {
      type: "application/x-pem-file",
      body: armour("CERTIFICATE REQUEST", m.bytes(500)),
    }),
    sample("certificates", {
      type: "text/plain",
      body:
        armour("CERTIFICATE", m.bytes(900)) +
        armour("CERTIFICATE", m.bytes(1_100)) +
        armour("PUBLIC KEY", m.bytes(294)),
    }),
    sample("ssh public keys", {
      type: json,
      body: JSON.stringify({
        title: "laptop",
        key: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${m.base64(31)} sam@host`,
        known_hosts: `git.example.org ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ${m.base64(258)}`,
      }),
    }),
    sample("signature", {
      type: "text/plain",
      body: armour("PGP SIGNATURE", m.bytes(400)) + armour("PGP PUBLIC KEY BLOCK", m.bytes(800)),
    }),
    sample("kubeconfig of certificates alone", {
      type: "application/yaml",
      body: `apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(armour("CERTIFICATE", m.bytes(800))).toString("base64")}\n    server: https://10.0.0.1:6443\n  name: c\nusers:\n- name: u\n  user:\n    exec: {command: aws}\ncurrent-context: c\n`,
    }),
  ];
}

/** What stands in every project's tests and documents. */
