/** Requests that carry a secret of a service, of other services and in other places than `leaked-formats.ts` has. */
import { gzipSync } from "node:zlib";
import { gitPush, protobuf, tarball, zip } from "./made-archives.ts";
import { lower, put, upper } from "./made-up.ts";
import type { MadeUp } from "./made-up.ts";
import { form, json, multipart, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";

const digits = "0123456789";

function makeSecrets(m: MadeUp) {
  return {
    installation: put("gh", "s_", m.alnum(36)),
    runner: put("gl", "rt-", m.base64url(15)),
    deploy: put("gl", "dt-", m.base64url(15)),
    awsId: put("AKIA", m.pick(`${upper}234567`, 16)),
    awsSecret: put("Zk4", m.pick(`${upper}${lower}${digits}/+`, 37)),
    serviceBus: put(
      "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccess",
      "Key=",
      m.base64(32),
    ),
    cosmos: put("AccountEndpoint=https://acme.documents.azure.com:443/;Account", "Key=", m.base64(64), ";"),
    alibaba: put("LT", "AI5t", m.alnum(18)),
    alibabaSecret: m.alnum(30),
    heroku: put("HR", "KU-", "AA", m.base64url(43)),
    fly: put("fm", "2_", m.base64(300)),
    planetscale: put("pscale", "_tkn_", m.base64url(32)),
    supabase: put("sb", "p_", m.hex(40)),
    grafana: put("gl", "sa_", m.alnum(32), "_", m.hex(8)),
    sentry: put("sn", "tryu_", m.hex(64)),
    sonar: put("sq", "p_", m.hex(40)),
    rubygems: put("rubygems", "_", m.hex(48)),
    nuget: put("oy", "2", m.pick(lower + digits, 43)),
    crates: put("ci", "o", m.alnum(32)),
    pulumi: put("pu", "l-", m.hex(40)),
    notion: put("nt", "n_", m.pick(digits, 11), m.alnum(35)),
    figma: put("fi", "gd_", m.base64url(30)),
    brevo: put("xkey", "sib-", m.hex(64), "-", m.alnum(16)),
    mailchimp: put(m.hex(32), "-", "us", "12"),
    twilio: put("S", "K", m.hex(32)),
    square: put("sq0", "csp-", m.base64url(32)),
    braintree: put("access_token", "$production$", m.pick(lower + digits, 16), "$", m.hex(32)),
    plaid: put("access", "-production-", m.uuid()),
    razorpay: put("rzp", "_live_", m.alnum(14)),
    perplexity: put("pp", "lx-", m.alnum(48)),
    xai: put("xa", "i-", m.alnum(80)),
    nvidia: put("nv", "api-", m.base64url(48)),
    pinecone: put("pc", "sk_", m.alnum(6), "_", m.alnum(60)),
    langsmith: put("ls", "v2_pt_", m.hex(32), "_", m.hex(10)),
    anthropicAdmin: put("sk-", "ant-", "admin01-", m.base64url(69), "xAA"),
    openaiService: put("sk-", "svcacct-", m.base64url(55), "T3Blbk", "FJ", m.base64url(55)),
    discordBot: put("M", m.pick(upper + lower + digits, 25), ".", m.alnum(6), ".", m.base64url(28)),
    facebook: put("EAA", "CEdEose0cBA", m.alnum(160)),
    okta: put("00", m.base64url(30)),
    onePassword: put(
      "ops",
      "_",
      Buffer.from(JSON.stringify({ email: "a@b", muk: m.base64(300) })).toString("base64"),
    ),
    dynatrace: put("dt0", "c01.", m.pick(upper + digits, 24), ".", m.pick(upper + digits, 64)),
    buildkite: put("bk", "ua_", m.hex(40)),
    circle: put("CCI", "PAT_", m.alnum(22), "_", m.hex(40)),
    datadog: m.hex(32),
    artifactory: put("AKC", "p8", m.alnum(69)),
    originCa: put("v1.0-", m.hex(24), "-", m.hex(146)),
    contentful: put("CF", "PAT-", m.base64url(32)),
    wireguard: m.base64(32),
    twitter: put("AAAAAAAAAAAAAAAAAAAAA", m.alnum(40), "%3D", m.alnum(40)),
  };
}

type Secrets = ReturnType<typeof makeSecrets>;

const inPlaces = (m: MadeUp, s: Secrets): Sample[] => [
  sample("variables of GraphQL", {
    type: json,
    body: JSON.stringify({
      query: "mutation($i:I!){set(i:$i){id}}",
      variables: { i: { name: "ci", value: s.installation } },
    }),
  }),
  sample("text of a protobuf", {
    type: "application/x-protobuf",
    body: protobuf("deploy", protobuf(m.uuid(), s.runner), m.words(4)),
  }),
  sample("gRPC frame", {
    type: "application/grpc",
    body: Buffer.concat([Buffer.from([0, 0, 0, 0, 60]), protobuf("k", s.grafana)]),
  }),
  sample("file name of an upload", multipart([[`name="f"; filename*=UTF-8''${s.sentry}.log`, m.words(9)]])),
  sample("cookie among cookies", {
    headers: {
      Cookie: `_ga=GA1.1.${m.number(1e9)}.1; last=${encodeURIComponent(JSON.stringify({ t: s.supabase }))}`,
    },
  }),
  sample("form with plus signs", { type: form, body: `comment=my+key+is+${s.pulumi}+thanks` }),
  sample("file of a push", {
    type: "application/x-git-receive-pack-request",
    body: gitPush([
      [3, `${m.words(60)}\nSQ=${s.sonar}\n`],
      [1, `tree ${m.hex(40)}\n\nadd\n`],
    ]),
  }),
  sample("message of a commit", {
    type: "application/x-git-receive-pack-request",
    body: gitPush([
      [1, `tree ${m.hex(40)}\nauthor Sam <sam@example.org> 1767225600 +0000\n\nuse ${s.rubygems}\n`],
    ]),
  }),
  sample("message of a tag", {
    type: "application/x-git-receive-pack-request",
    body: gitPush([[4, `object ${m.hex(40)}\ntype commit\ntag v1\n\n${s.buildkite}\n`]]),
  }),
  sample(
    "file of a wheel",
    multipart([
      [
        'name="content"; filename="part-1.0-py3-none-any.whl"',
        zip([
          ["part/__init__.py", m.words(50)],
          ["part/.env", `KEY=${s.perplexity}\n`],
        ]),
      ],
    ]),
  ),
  sample("file of a source package", {
    type: "application/gzip",
    body: tarball([
      ["part/a.js", m.words(200)],
      ["part/.npmrc", `//npm.example.org/:_auth${"Token"}=${s.deploy}\n`],
    ]),
  }),
  sample("layer of an image", {
    method: "PUT",
    path: `/v2/app/blobs/uploads/${m.uuid()}?digest=sha256:${m.hex(64)}`,
    type: "application/octet-stream",
    body: tarball([["root/.config/key", `${s.nvidia}\n`]]),
  }),
  sample("sources of a source map", {
    type: json,
    body: JSON.stringify({
      version: 3,
      sourcesContent: [`const k = '${s.planetscale}';\n`],
      mappings: m.alnum(3_000),
    }),
  }),
  sample(
    "office document",
    multipart([
      ['name="f"; filename="a.docx"', zip([["word/document.xml", `<w:t>the key: ${s.notion}</w:t>`]])],
    ]),
  ),
  sample("mail, quoted-printable", {
    type: "message/rfc822",
    body: `Content-Transfer-Encoding: quoted-printable\r\n\r\nkey: ${s.brevo.slice(0, 40)}=\r\n${s.brevo.slice(40)}\r\n`,
  }),
  sample("attachment of a mail", {
    type: json,
    body: JSON.stringify({
      raw: Buffer.from(
        `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(`token ${s.xai}\n`).toString("base64").replaceAll(/.{76}/g, "$&\r\n")}`,
      ).toString("base64url"),
    }),
  }),
  sample("data address", {
    type: json,
    body: JSON.stringify({
      image_url: `data:text/plain;base64,${Buffer.from(`a\n${s.langsmith}\n`).toString("base64")}`,
    }),
  }),
  sample("comment of a picture", {
    type: "image/png",
    body: Buffer.concat([
      Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\x40tEXtComment\0", "latin1"),
      Buffer.from(s.figma),
      m.bytes(4_000),
    ]),
  }),
  sample("line of an NDJSON, gzip", {
    type: "application/x-ndjson",
    headers: { "Content-Encoding": "gzip" },
    body: gzipSync(
      Array.from({ length: 300 }, (_, at) =>
        JSON.stringify({ at, msg: at === 177 ? `use ${s.pinecone}` : m.words(9) }),
      ).join("\n"),
    ),
  }),
  sample("protocols of a WebSocket", { headers: { "Sec-WebSocket-Protocol": `v1, ${s.anthropicAdmin}` } }),
  sample("name below the host", { headers: { "X-Forwarded-Host": `${s.circle}.example.org` } }),
  sample("matrix of a path", { path: `/v1;key=${s.openaiService};x=1/items` }),
  sample("entities of XML", {
    type: "text/xml",
    body: `<a>${[...s.contentful].map((one) => `&#${one.charCodeAt(0)};`).join("")}</a>`,
  }),
  sample(
    "UTF-16 file",
    multipart([['name="f"; filename="a.txt"', Buffer.from(`\ufeffkey ${s.crates}\r\n`, "utf16le")]]),
  ),
];

const inSettings = (m: MadeUp, s: Secrets): Sample[] => {
  const password = m.alnum(18);
  const files: [string, string][] = [
    [
      "credential process",
      JSON.stringify({
        Version: 1,
        AccessKeyId: s.awsId,
        SecretAccessKey: s.awsSecret,
        SessionToken: m.base64(300),
      }),
    ],
    [
      "boto",
      `client = boto3.client("s3", aws_access_key_id="${s.awsId}", aws_secret_access_key="${s.awsSecret}")\n`,
    ],
    [
      "Terraform's provider",
      `provider "aws" {\n  access_key = "${s.awsId}"\n  secret_key = "${s.awsSecret}"\n}\n`,
    ],
    ["service bus", s.serviceBus],
    ["cosmos", `COSMOS="${s.cosmos}"`],
    ["Alibaba", `[default]\naccess_key_id = ${s.alibaba}\naccess_key_secret = ${s.alibabaSecret}\n`],
    ["Heroku", `HEROKU_API_KEY=${s.heroku}`],
    ["Fly", `FLY_API_TOKEN="FlyV1 ${s.fly}"`],
    ["NuGet", `dotnet nuget push a.nupkg --api-key ${s.nuget}`],
    ["Mailchimp", `MAILCHIMP_API_KEY=${s.mailchimp}`],
    ["Twilio", `TWILIO_API_KEY=${s.twilio}\nTWILIO_AUTH_TOKEN=${m.hex(32)}\n`],
    ["Square", s.square],
    ["Braintree", JSON.stringify({ token: s.braintree })],
    ["Plaid", JSON.stringify({ access_token: s.plaid })],
    ["Razorpay", `RAZORPAY_KEY_ID=${s.razorpay}\nRAZORPAY_KEY_SECRET=${m.alnum(24)}\n`],
    ["bot of Discord", `client.login("${s.discordBot}")`],
    ["Facebook", `access_token=${s.facebook}`],
    ["Okta", `Authorization: SSWS ${s.okta}`],
    ["1Password", `OP_SERVICE_ACCOUNT_TOKEN=${s.onePassword}`],
    ["Dynatrace", `api-token: ${s.dynatrace}`],
    ["Datadog", `DD_API_KEY=${s.datadog}`],
    ["Artifactory", `-H "X-JFrog-Art-Api: ${s.artifactory}"`],
    ["origin CA", `CF_ORIGIN=${s.originCa}`],
    ["Twitter", `bearer_token: ${s.twitter}`],
    ["WireGuard", `[Interface]\nPrivateKey = ${s.wireguard}\nAddress = 10.0.0.1/24\n`],
    [
      "PuTTY",
      `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n${m.base64(48)}\nPrivate-MAC: ${m.hex(64)}\n`,
    ],
    [
      "private JWK",
      JSON.stringify({
        keys: [
          {
            kty: "RSA",
            n: m.base64url(256),
            e: "AQAB",
            d: m.base64url(256),
            p: m.base64url(128),
            q: m.base64url(128),
          },
        ],
      }),
    ],
    ["AMQP", `AMQP_URL=amqps://app:${password}@mq.acme.io/prod`],
    ["JDBC", `jdbc:sqlserver://db.acme.io:1433;databaseName=app;user=svc;password=${password};encrypt=true`],
    ["DSN of libpq", `host=db.acme.io port=5432 dbname=app user=svc password=${password} sslmode=require`],
    ["SMTP", `SMTP_URL=smtps://mailer:${password}@smtp.acme.io:465`],
    [
      "Kubernetes secret",
      `kind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: ${Buffer.from(JSON.stringify({ auths: { "r.acme.io": { auth: Buffer.from(`robot:${password}`).toString("base64") } } })).toString("base64")}\n`,
    ],
  ];
  return files.map(([name, body]) => sample(name, { type: "text/plain", body }));
};

export function leakedServices(m: MadeUp): Sample[] {
  const s = makeSecrets(m);
  return [...inPlaces(m, s), ...inSettings(m, s)];
}
