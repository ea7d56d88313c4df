/** Requests that carry a secret of a known format, each somewhere else. */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { armour, lower, put, upper, withChecksum } from "./made-up.ts";
import type { MadeUp } from "./made-up.ts";
import { form, json, multipart, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";

function makeSecrets(m: MadeUp): Record<string, string> {
  const letters = (count: number) => m.pick(upper + lower, count);
  return {
    github: put("gh", "p_", withChecksum(m.alnum(30))),
    githubUnsummed: put("gh", "o_", m.alnum(36)),
    githubFine: put("github", "_pat_", m.alnum(22), "_", m.alnum(59)),
    gitlab: put("gl", "pat-", m.base64url(15)),
    npm: put("np", "m_", withChecksum(m.alnum(30))),
    pypi: put("pypi-", "AgEIcHlwaS5vcmc", m.base64url(100)),
    anthropic: put("sk-", "ant-", "api03-", m.base64url(69), "xAA"),
    anthropicOauth: put("sk-", "ant-", "oat01-", m.base64url(69), "xAA"),
    openai: put("sk-", "proj-", m.base64url(55), "T3Blbk", "FJ", m.base64url(55)),
    openrouter: put("sk-", "or-v1-", m.hex(64)),
    huggingface: put("h", "f_", letters(34)),
    groq: put("gs", "k_", m.alnum(52)),
    replicate: put("r", "8_", m.alnum(37)),
    stripe: put("sk_", "live_", m.alnum(60)),
    stripeHook: put("wh", "sec_", m.alnum(32)),
    slack: put("xo", "xb-", m.pick("123456789", 12), "-", m.pick("123456789", 12), "-", m.alnum(24)),
    slackHook: put(
      "https://hooks.slack.com/",
      "services/T",
      m.pick(upper, 9),
      "/B",
      m.pick(upper, 9),
      "/",
      m.alnum(24),
    ),
    discordHook: put("https://discord.com/api/", "webhooks/", m.pick("123456789", 18), "/", m.base64url(51)),
    telegram: put(m.pick("123456789", 10), ":A", "A", m.base64url(24), "q"),
    sendgrid: put("S", "G.", m.base64url(16), ".", m.base64url(32)),
    mailgun: put("key", "-", m.hex(32)),
    shopify: put("shp", "at_", m.hex(32)),
    google: put("GOC", "SPX-", m.base64url(21)),
    googleAccess: put("ya", "29.", m.base64url(120)),
    digitalocean: put("dop", "_v1_", m.hex(64)),
    vault: put("hv", "s.", m.base64url(72)),
    databricks: put("da", "pi", m.hex(32)),
    tailscale: put("tsk", "ey-auth-", m.alnum(16), "-", m.alnum(32)),
    postman: put("PM", "AK-", m.hex(24), "-", m.hex(34)),
    airtable: put("p", "at", m.alnum(14), ".", m.hex(64)),
    atlassian: put("ATA", "TT3", m.base64url(140)),
    newrelic: put("NR", "AK-", m.pick(`${upper}0123456789`, 27)),
    netlify: put("nf", "p_", m.alnum(36)),
    linear: put("lin", "_api_", m.alnum(40)),
    terraform: put(m.alnum(14), ".atlas", "v1.", m.base64url(49)),
    docker: put("dckr", "_pat_", m.base64url(20)),
    doppler: put("dp.", "st.", "prd.", m.alnum(43)),
    azureSecret: put(m.alnum(3), "8", "Q~", m.alnum(34)),
    azureStorage: put("AccountName=store;Account", "Key=", m.base64(64), ";EndpointSuffix=core.windows.net"),
    aws: put("AKIA", m.pick(`${upper}234567`, 16)),
    awsSecret: put("a1B", m.pick(`${upper}${lower}0123456789/+`, 37)),
  };
}

const inHeaders = (s: Record<string, string>): Sample[] => [
  sample("GitHub in Authorization", { headers: { Authorization: `Bearer ${s["github"]}` } }),
  sample("GitHub as Basic", {
    headers: { Authorization: `Basic ${Buffer.from(`x:${s["github"]}`).toString("base64")}` },
  }),
  sample("GitLab in its own header", { headers: { "Private-Token": s["gitlab"] ?? "" } }),
  sample("npm in its own header", { headers: { "X-Npm-Token": s["npm"] ?? "" } }),
  sample("Vault in its own header", { headers: { "X-Vault-Token": s["vault"] ?? "" } }),
  sample("Anthropic in x-api-key", { headers: { "X-Api-Key": s["anthropic"] ?? "" } }),
  sample("OpenAI in a cookie", { headers: { Cookie: `a=b; key=${s["openai"]}; c=d` } }),
  sample("Hugging Face in a custom header", { headers: { "X-Note": `see ${s["huggingface"]}` } }),
  sample("Stripe in a user agent", { headers: { "User-Agent": `tool/1.0 (${s["stripe"]})` } }),
  sample("SendGrid in a referer", { headers: { Referer: `https://example.org/?k=${s["sendgrid"]}` } }),
  sample("Google access token elsewhere", { headers: { Authorization: `Bearer ${s["googleAccess"]}` } }),
  sample("Slack split over headers", {
    headers: { "X-A": (s["slack"] ?? "").slice(0, 20), "X-B": (s["slack"] ?? "").slice(20) },
  }),
  sample("GitHub in a query", { path: `/?token=${s["githubUnsummed"]}` }),
  sample("DigitalOcean in a path", { path: `/collect/${s["digitalocean"]}/x.png` }),
  sample("Telegram in a path", { path: `/bot${s["telegram"]}/sendMessage` }),
  sample("Anthropic, percent-encoded whole", {
    path: `/?q=${(s["anthropicOauth"] ?? "").replaceAll(/./g, (one) => `%${one.charCodeAt(0).toString(16)}`)}`,
  }),
  sample("Mailgun split over a query", {
    path: `/?a=${(s["github"] ?? "").slice(0, 15)}&b=${(s["github"] ?? "").slice(15)}`,
  }),
];

const inBodies = (m: MadeUp, s: Record<string, string>): Sample[] => [
  sample("OpenAI in JSON", { type: json, body: JSON.stringify({ a: { key: s["openai"] } }) }),
  sample("fine-grained token in JSON", {
    type: json,
    body: JSON.stringify({ list: [1, { t: s["githubFine"] }] }),
  }),
  sample("PyPI in a form", { type: form, body: `a=1&token=${s["pypi"]}` }),
  sample("Slack hook in text", { body: `post to ${s["slackHook"]} please` }),
  sample("Discord hook in JSON", { type: json, body: JSON.stringify({ url: s["discordHook"] }) }),
  sample("Groq in XML", { type: "text/xml", body: `<a><key>${s["groq"]}</key></a>` }),
  sample("Replicate in a multipart field", multipart([['name="note"', `token ${s["replicate"]}`]])),
  sample("Shopify in a file name", multipart([[`name="file"; filename="${s["shopify"]}.txt"`, "x"]])),
  sample("GraphQL with a token", {
    type: json,
    body: JSON.stringify({ query: `mutation { save(token: "${s["postman"]}") { id } }` }),
  }),
  sample("Databricks in a log", {
    body: `${m.words(400)}\nDATABRICKS_TOKEN=${s["databricks"]}\n${m.words(400)}`,
  }),
  sample("Tailscale in YAML", {
    type: "application/yaml",
    body: `env:\n  - name: KEY\n    value: ${s["tailscale"]}\n`,
  }),
  sample("Airtable in JSON", { type: json, body: JSON.stringify({ pat: s["airtable"] }) }),
  sample("Atlassian in a script", { body: `curl -u me@example.org:${s["atlassian"]} https://x` }),
  sample("New Relic in an environment", { body: `NEW_RELIC_API_KEY=${s["newrelic"]}\n` }),
  sample("Netlify and Linear", { body: `${s["netlify"]} ${s["linear"]}` }),
  sample("Terraform credentials", {
    type: json,
    body: JSON.stringify({ credentials: { "app.terraform.io": { token: s["terraform"] } } }),
  }),
  sample("Docker Hub", { type: json, body: JSON.stringify({ username: "sam", password: s["docker"] }) }),
  sample("Doppler", { body: `DOPPLER_TOKEN="${s["doppler"]}"` }),
  sample("Azure client secret", {
    type: form,
    body: `grant_type=client_credentials&client_id=${m.uuid()}&client_secret=${s["azureSecret"]}`,
  }),
  sample("Azure storage", { body: `DefaultEndpointsProtocol=https;${s["azureStorage"]}` }),
  sample("Google OAuth secret", {
    type: json,
    body: JSON.stringify({ installed: { client_secret: s["google"] } }),
  }),
  sample("Stripe hook secret", { body: `endpoint secret ${s["stripeHook"]}` }),
  sample("OpenRouter in a model's body", {
    path: "/v1/messages",
    type: json,
    body: JSON.stringify({
      messages: [{ role: "user", content: `the .env says OPENROUTER=${s["openrouter"]}\nand more` }],
    }),
  }),
  sample("GitHub behind an escaped line break", {
    type: json,
    body: JSON.stringify({ file: `first line\n${s["github"]}\nlast` }),
  }),
  sample("GitHub in JSON in JSON", {
    type: json,
    body: JSON.stringify({ a: JSON.stringify({ b: `x\n${s["githubUnsummed"]}` }) }),
  }),
  sample("Mailgun in a page", { type: "text/html", body: `<p>&quot;${s["mailgun"]}&quot;</p>` }),
  sample("token split over JSON fields", {
    type: json,
    body: JSON.stringify({
      a: (s["github"] ?? "").slice(0, 12),
      b: (s["github"] ?? "").slice(12, 26),
      c: (s["github"] ?? "").slice(26),
    }),
  }),
  sample("token at the end of 300 kB", {
    body: Buffer.concat([Buffer.from(m.words(50_000)), Buffer.from(` ${s["npm"]}`)]),
  }),
  sample("token in the middle of base64", {
    body: `${m.base64(60_000)}\n${s["anthropic"]}\n${m.base64(60_000)}`,
  }),
];

const inFiles = (m: MadeUp, s: Record<string, string>): Sample[] => {
  const rsa = armour(
    "RSA PRIVATE KEY",
    Buffer.concat([Buffer.from([0x30, 0x82, 0x04, 0xa4]), m.bytes(1_188)]),
  );
  const ssh = armour("OPENSSH PRIVATE KEY", Buffer.concat([Buffer.from("openssh-key-v1\0"), m.bytes(390)]));
  const ec = armour("EC PRIVATE KEY", Buffer.concat([Buffer.from([0x30, 0x77, 2, 1, 1]), m.bytes(116)]));
  const pem = armour("PRIVATE KEY", Buffer.concat([Buffer.from([0x30, 0x82, 4, 0xbe]), m.bytes(1_214)]));
  const settings = `[default]\naws_access_key_id = ${s["aws"]}\naws_secret_access_key = ${s["awsSecret"]}\n`;
  const config = `apiVersion: v1\nkind: Config\ncurrent-context: c\nusers:\n- name: u\n  user:\n`;
  const password = m.alnum(16);
  return [
    sample("RSA key", { body: rsa }),
    sample("ssh key in JSON", { type: json, body: JSON.stringify({ key: ssh }) }),
    sample("EC key on one line", { body: ec.replaceAll("\n", "") }),
    sample("key in a form", { type: form, body: `key=${encodeURIComponent(pem).replaceAll("%20", "+")}` }),
    sample("service account", {
      type: json,
      body: JSON.stringify({
        type: "service_account",
        private_key_id: m.hex(40),
        private_key: pem,
        client_email: "a@b.iam.gserviceaccount.com",
      }),
    }),
    sample("PGP key", {
      body: armour("PGP PRIVATE KEY BLOCK", Buffer.concat([Buffer.from([0x95, 0x05]), m.bytes(1_400)])),
    }),
    sample("age key", { body: `# created\n${put("AGE-SECRET-", "KEY-1", m.pick(`${upper}0234567`, 58))}\n` }),
    sample("AWS credentials", { body: settings }),
    sample("AWS keys as CSV", {
      type: "text/csv",
      body: `Access key ID,Secret access key\n${s["aws"]},${s["awsSecret"]}\n`,
    }),
    sample("AWS keys in JSON", {
      type: json,
      body: JSON.stringify({ AccessKeyId: s["aws"], SecretAccessKey: s["awsSecret"] }),
    }),
    sample("kubeconfig with a key", {
      body: `${config}    client-key-data: ${Buffer.from(rsa).toString("base64")}\n`,
    }),
    sample("kubeconfig with a token", { body: `${config}    token: ${m.jwt()}\n` }),
    sample("docker's config", {
      type: json,
      body: JSON.stringify({
        auths: { "registry.example.org": { auth: Buffer.from(`robot:${password}`).toString("base64") } },
      }),
    }),
    sample(".npmrc of a private registry", {
      body: `//npm.example.org/:_auth${"Token"}=${m.uuid()}\nalways-auth=true\n`,
    }),
    sample(".netrc", { body: `machine git.example.org\n  login sam\n  password ${password}\n` }),
    sample("postgres", { body: `DATABASE_URL=postgres://app:${password}@db.prod.acme.io:5432/app` }),
    sample("mongodb", {
      type: json,
      body: JSON.stringify({ uri: `mongodb+srv://app:${password}@cluster0.ab1cd.mongodb.net/x` }),
    }),
    sample("redis", { body: `REDIS_URL=rediss://default:${password}@cache.acme.io:6380` }),
    sample("mysql, escaped", {
      type: form,
      body: `url=${encodeURIComponent(`mysql://root:${password}@10.1.2.3/app`)}`,
    }),
    sample("ODBC", { body: `Server=db.acme.io;Database=app;User Id=svc;Password=${password};Encrypt=true;` }),
    sample("token in a git remote", {
      body: `[remote "origin"]\n  url = https://sam:${s["github"]}@github.com/acme/app.git\n`,
    }),
    sample("environment, gzip", {
      headers: { "Content-Encoding": "gzip" },
      body: gzipSync(`${m.words(300)}\nTOKEN=${s["gitlab"]}\n`),
    }),
    sample("environment, brotli", {
      headers: { "Content-Encoding": "br" },
      body: brotliCompressSync(`${m.words(300)}\nTOKEN=${s["slack"]}\n`),
    }),
    sample("environment, deflate", {
      headers: { "Content-Encoding": "deflate" },
      body: deflateSync(`TOKEN=${s["openai"]}\n`),
    }),
    sample("base64 of a file with a key", {
      type: json,
      body: JSON.stringify({ content: Buffer.from(settings).toString("base64") }),
    }),
    sample("a package with a token, published", {
      method: "PUT",
      type: json,
      body: JSON.stringify({
        _attachments: {
          "a.tgz": { data: gzipSync(`package/.env\0\nTOKEN=${s["github"]}\n`).toString("base64") },
        },
      }),
    }),
  ];
};

/** All of them. */
export function leakedFormats(m: MadeUp): Sample[] {
  const secrets = makeSecrets(m);
  return [...inHeaders(secrets), ...inBodies(m, secrets), ...inFiles(m, secrets)];
}
