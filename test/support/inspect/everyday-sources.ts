/** Everyday requests with what programmers write and move: lock files, examples of documents, built files, archives, dumps. */
import { gzipSync } from "node:zlib";
import { gitPush, protobuf, tarball, zip } from "./made-archives.ts";
import { armour, put } from "./made-up.ts";
import type { MadeUp } from "./made-up.ts";
import { json, multipart, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";

const many = (count: number, write: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => write(at)).join("\n");
const text = "text/plain";

function lockFiles(m: MadeUp): Sample[] {
  const files: [string, string][] = [
    [
      "pnpm-lock.yaml",
      many(90, (at) => `  part-${at}@1.0.${at}:\n    resolution: {integrity: sha512-${m.base64(64)}}`),
    ],
    [
      "bun.lock",
      many(90, (at) => `    "part-${at}": ["part-${at}@1.0.0", "", {}, "sha512-${m.base64(64)}"],`),
    ],
    [
      "Cargo.lock",
      many(
        90,
        (at) => `[[package]]\nname = "part-${at}"\nversion = "1.0.${at}"\nchecksum = "${m.hex(64)}"\n`,
      ),
    ],
    [
      "uv.lock",
      many(
        90,
        (at) =>
          `    { url = "https://files.example.org/packages/${m.hex(2)}/${m.hex(2)}/${m.hex(60)}/part_${at}-1.0-py3-none-any.whl", hash = "sha256:${m.hex(64)}", size = ${m.number(90_000)} },`,
      ),
    ],
    ["Gemfile.lock", many(90, (at) => `    part-${at} (1.0.${at})  sha256=${m.hex(64)}`)],
    [
      "composer.lock",
      many(
        40,
        (at) => `{"name":"acme/part-${at}","dist":{"reference":"${m.hex(40)}","shasum":"${m.hex(40)}"}}`,
      ),
    ],
    [
      "flake.lock",
      many(20, (at) => `"in${at}": {"locked": {"narHash": "sha256-${m.base64(32)}", "rev": "${m.hex(40)}"}}`),
    ],
    ["sums", many(300, (at) => `${m.hex(64)}  dist/part-${at}.tar.gz`)],
    ["UUIDs", many(400, () => `${m.uuid()},${m.number(1e6)}`)],
  ];
  return files.map(([name, body]) => sample(name, { type: text, body }));
}

const environment = [
  "# copy to .env",
  "API_KEY=your-api-key-here",
  put("STRIPE_SECRET_KEY=", "sk_", "test_", "4eC39HqLyjWDarjtT1zdp7dc"),
  put("AWS_ACCESS_KEY_ID=", "AKIA", "IOSFODNN7EXAMPLE"),
  put("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/", "K7MDENG/bPxRfiCYEXAMPLEKEY"),
  "DATABASE_URL=postgres://user:password@localhost:5432/app",
  "REDIS_URL=redis://:${REDIS_PASSWORD}@redis:6379/0",
  "OPENAI_API_KEY=sk-your-key",
  put("ANTHROPIC_API_KEY=sk-", "ant-api03-..."),
  "GITHUB_TOKEN=<your token>",
  "JWT_SECRET=change-me-in-production",
  "",
].join("\n");

function examples(m: MadeUp): Sample[] {
  const pem = put("-----BEGIN ", "RSA PRIVATE", " KEY-----");
  const files: [string, string][] = [
    [".env.example", environment],
    [
      "compose file",
      `services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: postgres\n  web:\n    environment:\n      DATABASE_URL: postgres://postgres:postgres@db:5432/app\n      AMQP_URL: amqp://guest:guest@rabbitmq:5672\n`,
    ],
    [
      "workflow",
      `env:\n  NPM_TOKEN: \${{ secrets.NPM_TOKEN }}\nsteps:\n  - uses: actions/checkout@${m.hex(40)}\n    with:\n      token: \${{ secrets.GITHUB_TOKEN }}\n  - run: git clone https://x-access-token:\${{ secrets.PAT }}@github.com/acme/app\n`,
    ],
    [
      "Terraform",
      `resource "aws_db_instance" "a" {\n  password = random_password.db.result\n}\nprovider "github" {\n  token = var.github_token\n}\n`,
    ],
    [
      "Python that reads its secrets",
      `import os\npassword = os.environ["DB_PASSWORD"]\nengine = create_engine(f"postgresql://{user}:{password}@{host}:5432/app")\nSECRET_KEY = "django-insecure-${m.alnum(40)}"\n`,
    ],
    [
      "connection strings in documents",
      `mongodb+srv://<username>:<password>@cluster0.abcde.mongodb.net/\npostgresql://user:pass@host/db\nmysql://root:secret@127.0.0.1/app\nServer=myServerAddress;Database=myDataBase;User Id=myUsername;Password=myPassword;\nmachine example.com login user password PASSWORD\n`,
    ],
    [
      "emulators of Azure",
      put(
        "AccountName=devstoreaccount1;Account",
        "Key=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\n",
        "AccountEndpoint=https://localhost:8081/;Account",
        "Key=C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==;\n",
      ),
    ],
    [
      "README",
      `curl -H "Authorization: Bearer $TOKEN" https://api.example.org\nexport GITHUB_TOKEN=${put("gh", "p_", "x".repeat(36))}\nexport ANTHROPIC_API_KEY=${put("sk-", "ant-", "xxxxx")}\nnpm config set //registry.example.org/:_auth${"Token"}=\${NPM_TOKEN}\n`,
    ],
    [
      "rules of a scanner",
      `regex = '''${put("gh", "p_")}[0-9a-zA-Z]{36}'''\nregex = '''${put("xo", "x")}[baprs]-[0-9a-zA-Z]{10,48}'''\nregex = '''-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY( BLOCK)?-----[\\s\\S-]{64,}?KEY-----'''\nregex = '''(?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z2-7]{16}'''\n`,
    ],
    [
      "test with a fixture",
      `const token = "${put("gh", "p_", "1234567890abcdef1234567890abcdef1234")}";\nexpect(redact(\`Bearer \${token}\`)).toBe("Bearer ***");\nconst slack = "${put("xo", "xb-", "123456789012-1234567890123-XXXXXXXXXXXXXXXXXXXXXXXX")}";\n`,
    ],
    [
      "JWT in a test",
      `const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";\nconst other = "${m.jwt()}";\n`,
    ],
    [
      "minified script",
      `!function(e,t){const n="${pem}",r=/-----BEGIN (RSA |EC )?PRIVATE KEY-----([\\s\\S]+?)-----END/;e.password=t.password||"",e.headers.Authorization="Bearer "+e.token;var o={secretAccessKey:i.secretAccessKey,accessKeyId:i.accessKeyId};${m.hex(600)}}();`,
    ],
    [
      "SOPS",
      `password: ENC[AES256_GCM,data:${m.base64(20)},iv:${m.base64(32)},tag:${m.base64(16)},type:str]\nsops:\n  age:\n    - recipient: age1${m.pick("qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58)}\n      enc: |\n${armour("AGE ENCRYPTED FILE", m.bytes(300))}`,
    ],
    ["Ansible vault", `$ANSIBLE_VAULT;1.1;AES256\n${many(20, () => m.hex(80))}\n`],
    ["sealed secret", `kind: SealedSecret\nspec:\n  encryptedData:\n    password: Ag${m.base64(600)}\n`],
    [
      "secret by reference",
      `env:\n  - name: TOKEN\n    valueFrom:\n      secretKeyRef:\n        name: app\n        key: token\n`,
    ],
    [
      "hosts that ssh knows",
      `git.example.org ssh-ed25519 ${put("AAAAC3NzaC1lZDI1NTE5", "AAAAI", m.base64(33))}\n|1|${m.base64(20)}|${m.base64(20)} ssh-rsa ${put("AAAAB3NzaC1yc2E", m.base64(270))}\n`,
    ],
    [
      "WireGuard peer",
      `[Peer]\nPublicKey = ${m.base64(32)}\nAllowedIPs = 10.0.0.2/32\nEndpoint = vpn.example.org:51820\n`,
    ],
    [
      "public key set",
      JSON.stringify({
        keys: [
          { kty: "RSA", kid: m.uuid(), use: "sig", n: m.base64url(256), e: "AQAB" },
          { kty: "EC", crv: "P-256", x: m.base64url(32), y: m.base64url(32) },
        ],
      }),
    ],
    [
      "public keys",
      `${armour("PUBLIC KEY", m.bytes(294))}${armour("PGP PUBLIC KEY BLOCK", m.bytes(900))}${armour("PGP MESSAGE", m.bytes(500))}${armour("X509 CRL", m.bytes(500))}`,
    ],
    [
      "provenance",
      JSON.stringify({
        dsseEnvelope: {
          payload: Buffer.from(JSON.stringify({ subject: [{ digest: { sha512: m.hex(128) } }] })).toString(
            "base64",
          ),
          signatures: [{ sig: m.base64(71), keyid: `SHA256:${m.base64(32)}` }],
        },
      }),
    ],
    [
      "dump of a database",
      `INSERT INTO users VALUES\n${many(60, (at) => `(${at},'sam${at}@example.org','$2b$12$${m.pick("./ABCDEFGHabcdefgh0123456789", 53)}','${m.hex(40)}','${m.uuid()}'),`)}\nALTER ROLE app WITH PASSWORD 'md5${m.hex(32)}';`,
    ],
    [
      "test report",
      `<testsuite>${many(40, (at) => `<testcase name="refuses a password of ${at}" classname="TokenTest" time="0.01"/>`)}</testsuite>`,
    ],
    [
      "log of a build",
      many(120, (at) => `#${at} sha256:${m.hex(64)} ${m.number(9e6)}B / 9MB done; ${m.words(6)}`),
    ],
  ];
  return files.map(([name, body]) => sample(name, { type: text, body }));
}

function archives(m: MadeUp): Sample[] {
  const source = `export const token = process.env.TOKEN;\n${many(40, () => `// ${m.words(8)}`)}`;
  const wheel = zip([
    ["part/__init__.py", source],
    ["part-1.0.dist-info/RECORD", many(30, (at) => `part/m${at}.py,sha256=${m.base64url(32)},${at}`)],
  ]);
  const map = {
    version: 3,
    sources: ["a.ts"],
    sourcesContent: [environment],
    mappings: m.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/;,", 9_000),
  };
  const office = zip([
    ["word/document.xml", `<w:document>${m.words(300)}</w:document>`],
    ["[Content_Types].xml", "<Types/>"],
  ]);
  return [
    sample(
      "wheel",
      multipart([
        ['name=":action"', "file_upload"],
        ['name="sha256_digest"', m.hex(64)],
        ['name="content"; filename="part-1.0-py3-none-any.whl"', wheel],
      ]),
    ),
    sample("source package", {
      type: "application/gzip",
      body: tarball([
        ["part/a.js", source],
        ["part/.env.example", environment],
      ]),
    }),
    sample("push of sources", {
      path: "/acme/app.git/git-receive-pack",
      type: "application/x-git-receive-pack-request",
      body: gitPush([
        [4, source],
        [4, environment],
        [1, `tree ${m.hex(40)}\nauthor Sam <sam@example.org> 1767225600 +0000\n\n${m.words(9)}\n`],
      ]),
    }),
    sample("signed commit", {
      type: "application/x-git-receive-pack-request",
      body: gitPush([
        [
          1,
          `tree ${m.hex(40)}\ngpgsig ${armour("PGP SIGNATURE", m.bytes(400)).replaceAll("\n", "\n ")}\n\n${m.words(9)}\n`,
        ],
      ]),
    }),
    sample("LFS", {
      type: "application/vnd.git-lfs+json",
      body: JSON.stringify({
        operation: "upload",
        objects: Array.from({ length: 20 }, () => ({ oid: m.hex(64), size: m.number(1e9) })),
      }),
    }),
    sample("source map", { type: json, body: JSON.stringify(map) }),
    sample("source map, gzip", {
      type: json,
      headers: { "Content-Encoding": "gzip" },
      body: gzipSync(JSON.stringify(map)),
    }),
    sample("office document", multipart([['name="f"; filename="a.docx"', office]])),
    sample("OTLP", {
      type: "application/x-protobuf",
      body: protobuf(
        ...Array.from({ length: 12 }, () =>
          protobuf(m.bytes(16), m.bytes(8), "http.url", `https://api.example.org/${m.uuid()}`),
        ),
      ),
    }),
    sample("configuration of an image", {
      type: "application/vnd.oci.image.config.v1+json",
      body: JSON.stringify({
        config: {
          Env: ["PATH=/usr/bin", `GPG_KEY=${m.hex(40).toUpperCase()}`, `PYTHON_SHA256=${m.hex(64)}`],
        },
        rootfs: { diff_ids: Array.from({ length: 9 }, () => `sha256:${m.hex(64)}`) },
      }),
    }),
    sample("sealed thoughts of a model", {
      type: json,
      path: "/v1/responses",
      body: JSON.stringify({
        input: [
          { type: "reasoning", encrypted_content: `gAAAAAB${m.base64url(2_000)}` },
          { role: "user", content: environment },
        ],
      }),
    }),
    sample(
      "PDF",
      multipart([
        [
          'name="f"; filename="a.pdf"',
          Buffer.concat([
            Buffer.from("%PDF-1.7\n1 0 obj\n<</Filter/FlateDecode>>stream\n"),
            m.bytes(9_000),
            Buffer.from("\nendstream"),
          ]),
        ],
      ]),
    ),
  ];
}

export function everydaySources(m: MadeUp): Sample[] {
  return [...lockFiles(m), ...examples(m), ...archives(m)];
}
