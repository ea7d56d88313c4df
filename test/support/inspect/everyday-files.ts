/** Everyday requests with files in them: packages, lock files, images, sources with keys for tests, protobuf, and what goes to a model. */
import { deflateSync, gzipSync } from "node:zlib";
import { put, upper } from "./made-up.ts";
import type { MadeUp } from "./made-up.ts";
import { json, multipart, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";
import { binaries } from "./everyday-binaries.ts";

const octets = "application/octet-stream";

function packages(m: MadeUp): Sample[] {
  const lock = {
    lockfileVersion: 3,
    packages: Object.fromEntries(
      Array.from({ length: 120 }, (_, at) => [
        `node_modules/part-${at}`,
        {
          version: `1.${at}.0`,
          resolved: `https://npm.example.org/part-${at}/-/part-${at}-1.${at}.0.tgz`,
          integrity: `sha512-${m.base64(64)}`,
        },
      ]),
    ),
  };
  const sums = Array.from(
    { length: 200 },
    (_, at) => `example.org/module/m${at} v1.${at}.0/go.mod h1:${m.base64(32)}`,
  ).join("\n");
  const poetry = Array.from(
    { length: 80 },
    (_, at) => `{file = "part_${at}-1.0.tar.gz", hash = "sha256:${m.hex(64)}"},`,
  ).join("\n");
  const yarn = Array.from(
    { length: 80 },
    (_, at) =>
      `"part-${at}@^1.0.0":\n  version "1.0.0"\n  resolved "https://yarn.example.org/part-${at}/-/part-${at}-1.0.0.tgz#${m.hex(40)}"\n  integrity sha1-${m.base64(20)}`,
  ).join("\n");
  const tarball = gzipSync(Buffer.concat([Buffer.from("package/index.js\0"), m.bytes(6_000)]));
  const publish = {
    _id: "part",
    "dist-tags": { latest: "1.0.0" },
    versions: { "1.0.0": { dist: { integrity: `sha512-${m.base64(64)}`, shasum: m.hex(40) } } },
    _attachments: {
      "part-1.0.0.tgz": { content_type: octets, data: tarball.toString("base64"), length: tarball.length },
    },
  };
  return [
    sample("npm install", {
      path: "/left-pad/-/left-pad-1.3.0.tgz",
      headers: { "npm-session": m.hex(16), "npm-command": "install", "pacote-version": "18.0.6" },
    }),
    sample("npm audit", {
      type: json,
      headers: { "Content-Encoding": "gzip" },
      body: gzipSync(JSON.stringify({ parts: lock.packages })),
    }),
    sample("npm publish", { method: "PUT", path: "/part", type: json, body: JSON.stringify(publish) }),
    sample("package-lock.json", { type: json, body: JSON.stringify(lock, null, 2) }),
    sample("go.sum", { type: "text/plain", body: sums }),
    sample("poetry.lock", { type: "text/plain", body: poetry }),
    sample("yarn.lock", { type: "text/plain", body: yarn }),
    sample("pip", {
      path: `/packages/ab/cd/${m.hex(60)}/thing-1.0-py3-none-any.whl`,
      headers: { "User-Agent": "pip/24.0" },
    }),
    sample("pip index", {
      path: "/simple/requests/",
      headers: { Accept: "application/vnd.pypi.simple.v1+json" },
    }),
    sample("twine upload", {
      ...multipart([
        ['name="sha256_digest"', m.hex(64)],
        ['name="content"; filename="a.whl"', m.bytes(9_000)],
      ]),
    }),
    sample("cargo", { path: "/crates/serde/1.0.200/download", headers: { "User-Agent": "cargo 1.80.0" } }),
    sample("docker manifest", {
      method: "PUT",
      path: "/v2/app/manifests/1.0",
      type: "application/vnd.oci.image.manifest.v1+json",
      body: JSON.stringify({
        config: { digest: `sha256:${m.hex(64)}` },
        layers: Array.from({ length: 12 }, () => ({ digest: `sha256:${m.hex(64)}`, size: m.number(1e8) })),
      }),
    }),
    sample("docker layer", {
      method: "PATCH",
      path: `/v2/app/blobs/uploads/${m.uuid()}?_state=${m.base64url(160)}`,
      type: octets,
      body: gzipSync(m.bytes(90_000)),
    }),
    sample("git fetch", {
      path: "/repo.git/git-upload-pack",
      type: "application/x-git-upload-pack-request",
      headers: { "Content-Encoding": "gzip", "Git-Protocol": "version=2" },
      body: gzipSync(Array.from({ length: 40 }, () => `0032want ${m.hex(40)}\n`).join("") + "00000009done\n"),
    }),
    sample("git push", {
      path: "/repo.git/git-receive-pack",
      type: "application/x-git-receive-pack-request",
      body: Buffer.concat([
        Buffer.from(
          `00a5${m.hex(40)} ${m.hex(40)} refs/heads/main\0 report-status side-band-64k agent=git/2.43.00000PACK\0\0\0\x02\0\0\0\x01`,
        ),
        Buffer.from([0xb5, 0x01]),
        deflateSync(m.words(40)),
        m.bytes(20),
      ]),
    }),
    sample("bill of materials", {
      type: json,
      body: JSON.stringify({
        bomFormat: "CycloneDX",
        components: Array.from({ length: 60 }, (_, at) => ({
          name: m.words(2),
          purl: `pkg:npm/part-${at}@1.0.0`,
          hashes: [{ alg: "SHA-512", content: m.hex(128) }],
        })),
      }),
    }),
    sample("terraform state", {
      type: json,
      body: JSON.stringify({
        version: 4,
        serial: 12,
        lineage: m.uuid(),
        outputs: {},
        resources: [
          {
            type: "aws_iam_role",
            instances: [
              {
                attributes: {
                  arn: "arn:aws:iam::123456789012:role/app",
                  unique_id: put("AROA", m.pick(upper, 17)),
                },
              },
            ],
          },
        ],
      }),
    }),
  ];
}

function sources(m: MadeUp): Record<string, string> {
  const crosses = "x".repeat(36);
  return {
    "AWS's example": put(
      'const id = "AKIA',
      'IOSFODNN7EXAMPLE";\nconst secret = "wJalrXUtnFEMI',
      '/K7MDENG/bPxRfiCYEXAMPLEKEY";\n',
    ),
    "token of crosses": put('export TOKEN="gh', "p_", crosses, '"\ncurl -H "Authorization: token $TOKEN"\n'),
    "counted up": put("const token = 'gh", "p_1234567890abcdefghijklmnopqrstuvwxyz'", ";\n"),
    "Stripe's test key": put("STRIPE_KEY=sk_", "test_", m.alnum(24), "\n"),
    placeholders:
      "DATABASE_URL=postgres://user:password@localhost:5432/app\nREDIS_URL=redis://:changeme@redis:6379/0\nAPI=https://user:pass@example.com/\n",
    "compose file":
      "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: example\n      DATABASE_URL: mysql://root:root@db/app\n",
    ".npmrc with a variable":
      "//npm.example.org/:_authToken=${NPM_TOKEN}\nregistry=https://npm.example.org/\n",
    ".env example":
      "OPENAI_API_KEY=sk-your-key-here\nSLACK_BOT_TOKEN=xoxb-your-token\nSECRET_KEY=<generate me>\nAWS_SECRET_ACCESS_KEY=\n",
    "PEM stub": "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n",
    "code that knows PEM":
      'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) return parse(text.replace("-----END PRIVATE KEY-----", ""));\n'.repeat(
        4,
      ),
    "rules of a scanner": String.raw`const rules = [/gh[pousr]_[A-Za-z0-9]{36}/, /AKIA[0-9A-Z]{16}/, /xox[baprs]-[\w-]+/, /sk_live_[a-zA-Z0-9]{24}/];`,
    "Slack hook of the documents": put(
      "https://hooks.slack.com/",
      "services/T00000000/B00000000/",
      "X".repeat(24),
    ),
    "git history": Array.from(
      { length: 40 },
      () => `commit ${m.hex(40)}\nAuthor: Sam <sam@example.org>\n\n    ${m.words(8)}\n`,
    ).join("\n"),
    "minified program": `!function(e,t){"use strict";${Array.from({ length: 200 }, () => `var ${m.pick("abcdef", 2)}=function(e){return t["${m.alnum(6)}"](e,"${m.words(2)}")};`).join("")}}(this);`,
    "source map": JSON.stringify({
      version: 3,
      sources: ["a.ts"],
      mappings: Array.from({ length: 900 }, () => m.pick("ACEGIKMOQSUWYacegikmoqsuwy", 4)).join(","),
    }),
    "test for passwords":
      "expect(login({ password: 'correct horse battery' })).toBe(true);\nconst url = `https://${user}:${token}@github.com/org/repo.git`;\n",
    "documents on connection strings":
      "mongodb://<username>:<password>@cluster0.example.net/test\nServer=localhost;Database=app;User Id=sa;Password=your_password;\n",
    "terraform with variables":
      'provider "aws" {\n  access_key = var.access_key\n  secret_key = var.secret_key\n}\n',
    "helm values":
      'auth:\n  existingSecret: app-secret\n  token: "{{ .Values.token }}"\nimage:\n  digest: sha256:' +
      m.hex(64),
    "snapshot of a test": Array.from(
      { length: 30 },
      (_, at) => `exports[\`case ${at}\`] = \`{"id":"${m.uuid()}","etag":"${m.hex(32)}"}\`;`,
    ).join("\n"),
  };
}

function models(m: MadeUp): Sample[] {
  const chat = (text: string) =>
    JSON.stringify({
      model: "large-1",
      max_tokens: 4_096,
      messages: [
        { role: "user", content: m.words(60) },
        {
          role: "assistant",
          content: [{ type: "tool_use", id: `toolu_${m.alnum(24)}`, name: "Read", input: {} }],
        },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: `toolu_${m.alnum(24)}`, content: text }],
        },
      ],
    });
  return [
    ...Object.entries(sources(m)).map(([name, text]) =>
      sample(`model: ${name}`, { path: "/v1/messages", type: json, body: chat(text) }),
    ),
    sample("model: picture", {
      path: "/v1/messages",
      type: json,
      body: JSON.stringify({
        messages: [
          {
            content: [
              { type: "image", source: { type: "base64", media_type: "image/png", data: m.base64(60_000) } },
            ],
          },
        ],
      }),
    }),
    sample("model: signed thoughts", {
      path: "/v1/messages",
      type: json,
      body: JSON.stringify({
        messages: [{ content: [{ type: "thinking", thinking: m.words(80), signature: m.base64(700) }] }],
      }),
    }),
    sample("embeddings", {
      path: "/v1/embeddings",
      type: json,
      body: JSON.stringify({ input: Array.from({ length: 20 }, () => m.words(25)) }),
    }),
    sample("notebook", {
      type: json,
      body: JSON.stringify({
        cells: [
          { cell_type: "code", outputs: [{ data: { "image/png": m.base64(12_000) } }], source: ["plot(x)"] },
        ],
      }),
    }),
  ];
}

/** All of them, and the sources once more as files that are uploaded. */
export const everydayFiles = (m: MadeUp): Sample[] => [
  ...packages(m),
  ...binaries(m),
  ...models(m),
  ...Object.entries(sources(m)).map(([name, text]) =>
    sample(`file: ${name}`, { ...multipart([['name="file"; filename="a.txt"', text]]) }),
  ),
];
