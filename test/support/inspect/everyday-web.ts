/** Everyday requests that look secret and are not: signed addresses, tokens of one request, identifiers, sessions. */
import { put, upper } from "./made-up.ts";
import type { MadeUp } from "./made-up.ts";
import { form, json, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";

const date = "20260114T093012Z";

function signedAddresses(m: MadeUp): Sample[] {
  const id = put("AKIA", m.pick(`${upper}234567`, 16));
  const temporary = put("ASIA", m.pick(`${upper}234567`, 16));
  const scope = "20260114%2Feu-central-1%2Fs3%2Faws4_request";
  const v4 = (key: string) =>
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${key}%2F${scope}&X-Amz-Date=${date}&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=${m.hex(64)}`;
  return [
    sample("S3 v4", { path: `/bucket/${m.hex(40)}/data.csv?${v4(id)}` }),
    sample("S3 v4 with a temporary key", {
      path: `/bucket/data.csv?${v4(temporary)}&X-Amz-Security-Token=${encodeURIComponent(m.base64(480))}`,
    }),
    sample("S3 v4 upload", { method: "PUT", path: `/bucket/a.bin?${v4(id)}`, body: m.bytes(3_000) }),
    sample("S3 v2", {
      path: `/bucket/a.zip?AWSAccessKeyId=${id}&Expires=1767225600&Signature=${encodeURIComponent(m.base64(20))}`,
    }),
    sample("SigV4 header", {
      headers: {
        Authorization: `AWS4-HMAC-SHA256 Credential=${id}/20260114/eu-central-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${m.hex(64)}`,
        "X-Amz-Date": date,
        "X-Amz-Security-Token": m.base64(480),
        "X-Amz-Content-Sha256": m.hex(64),
      },
    }),
    sample("GCS v4", {
      path: `/b/o?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=robot%40project-1.iam.gserviceaccount.com%2F20260114%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=${date}&X-Goog-Expires=900&X-Goog-SignedHeaders=host&X-Goog-Signature=${m.hex(512)}`,
    }),
    sample("Azure SAS", {
      path: `/container/blob?sv=2024-11-04&st=2026-01-14T09%3A30%3A12Z&se=2026-01-15T09%3A30%3A12Z&sr=b&sp=r&sig=${encodeURIComponent(m.base64(32))}`,
    }),
    sample("CloudFront", {
      path: `/video.m3u8?Expires=1767225600&Signature=${m.base64(256).replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~")}&Key-Pair-Id=K${m.pick(upper, 13)}`,
    }),
    sample("image service", {
      path: `/unsafe/resize/300x/${m.base64url(27)}=/photo.jpg?s=${m.hex(40)}&v=${m.number(1e9)}`,
    }),
  ];
}

function sessions(m: MadeUp): Sample[] {
  return [
    sample("OAuth callback", {
      path: `/callback?code=4/0${m.base64url(52)}&state=${m.base64url(32)}&scope=openid`,
    }),
    sample("PKCE", {
      path: `/authorize?client_id=${m.uuid()}&code_challenge=${m.base64url(32)}&code_challenge_method=S256&nonce=${m.base64url(24)}&redirect_uri=${encodeURIComponent("http://localhost:8976/cb")}`,
    }),
    sample("token exchange", {
      type: form,
      body: `grant_type=authorization_code&code=${m.base64url(48)}&code_verifier=${m.base64url(48)}&redirect_uri=${encodeURIComponent("https://app.example.org/cb")}&client_id=${m.hex(20)}`,
    }),
    sample("JWT bearer", { headers: { Authorization: `Bearer ${m.jwt()}` } }),
    sample("JWT in a cookie", {
      headers: { Cookie: `session=${m.jwt()}; theme=dark; _ga=GA1.2.${m.number(1e9)}.${m.number(1e9)}` },
    }),
    sample("JWT in a query", { path: `/stream?access_token=${m.jwt()}` }),
    sample("page token", { path: `/list?pageToken=${m.base64url(90)}&pageSize=100` }),
    sample("cursor", { path: `/items?after=${encodeURIComponent(m.base64(66))}` }),
    sample("CSRF", {
      type: form,
      body: `authenticity_token=${encodeURIComponent(m.base64(64))}&user%5Bname%5D=sam&commit=Save`,
    }),
    sample("session cookie", {
      headers: {
        Cookie: `_app_session=${encodeURIComponent(m.base64(300))}--${m.hex(40)}; csrftoken=${m.alnum(64)}`,
      },
    }),
    sample("opaque bearer of the host's own", { headers: { Authorization: `Bearer ${m.base64url(30)}` } }),
    sample("ids", {
      headers: {
        traceparent: `00-${m.hex(32)}-${m.hex(16)}-01`,
        "X-Request-Id": m.uuid(),
        "If-None-Match": `W/"${m.hex(40)}"`,
        "Idempotency-Key": m.uuid(),
      },
    }),
    sample("digests", {
      method: "PUT",
      headers: {
        "Content-MD5": m.base64(16),
        Digest: `SHA-256=${m.base64(32)}`,
        "Repr-Digest": `sha-256=:${m.base64(32)}:`,
      },
      body: m.bytes(200),
    }),
    sample("error report", {
      type: "application/x-sentry-envelope",
      headers: {
        "X-Sentry-Auth": `Sentry sentry_version=7, sentry_key=${m.hex(32)}, sentry_client=sentry.javascript.node/8.0.0`,
      },
      body: `{"event_id":"${m.hex(32)}","dsn":"https://${m.hex(32)}@o${m.number(1e6)}.ingest.example.org/${m.number(1e6)}"}\n{"type":"event"}\n{"message":"${m.words(30)}"}\n`,
    }),
    sample("public keys of a web page", {
      type: json,
      body: JSON.stringify({
        stripe: put("pk_", "live_", m.alnum(40)),
        maps: put("AI", "za", m.base64url(26).slice(0, 35)),
        recaptcha: `6L${m.base64url(28)}`,
        ga: "G-ABC1234567",
      }),
    }),
    sample("web push", {
      type: json,
      body: JSON.stringify({
        endpoint: `https://push.example.org/send/${m.base64url(120)}`,
        keys: { p256dh: m.base64url(65), auth: m.base64url(16) },
      }),
    }),
    sample("ACME order", {
      type: "application/jose+json",
      body: JSON.stringify({
        protected: m.base64url(150),
        payload: m.base64url(80),
        signature: m.base64url(64),
      }),
    }),
    sample("metrics", {
      type: "text/plain",
      body: Array.from(
        { length: 60 },
        (_, at) => `http_requests_total{path="/a/${m.hex(8)}",code="200"} ${at * 17}`,
      ).join("\n"),
    }),
    sample("telemetry", {
      type: json,
      body: JSON.stringify({
        resourceSpans: [
          {
            spans: Array.from({ length: 20 }, () => ({
              traceId: m.hex(32),
              spanId: m.hex(16),
              name: m.words(3),
            })),
          },
        ],
      }),
    }),
    sample("search", {
      path: `/search?q=${encodeURIComponent("how to rotate a secret access key safely")}&sourceid=chrome&ei=${m.base64url(16)}`,
    }),
    sample("GraphQL", {
      type: json,
      body: JSON.stringify({
        query: "query($id: ID!) { node(id: $id) { id } }",
        variables: { id: m.base64(24), cursor: m.base64(40) },
      }),
    }),
    sample("login form", { type: form, body: `username=sam&password=${m.words(1)}1&remember=on` }),
  ];
}

export const everydayWeb = (m: MadeUp): Sample[] => [...signedAddresses(m), ...sessions(m)];
