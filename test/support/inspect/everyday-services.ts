/** Everyday requests of other clients: signed addresses of other clouds, signatures, sessions, and public keys of services. */
import { put, upper } from "./made-up.ts";
import type { MadeUp } from "./made-up.ts";
import { form, json, sample } from "./sample.ts";
import type { Sample } from "./sample.ts";

const digits = "0123456789";

function signedElsewhere(m: MadeUp): Sample[] {
  const at = "20260114T093012Z";
  return [
    sample("Alibaba OSS", {
      path: `/o.bin?OSSAccessKeyId=${put("LT", "AI5t", m.alnum(18))}&Expires=1767225600&Signature=${encodeURIComponent(m.base64(20))}`,
    }),
    sample("Alibaba OSS v4", {
      path: `/o.bin?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=${put("LT", "AI5t", m.alnum(18))}%2F20260114%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-signature=${m.hex(64)}`,
    }),
    sample("Tencent COS", {
      path: `/o?q-sign-algorithm=sha1&q-ak=${put("AK", "ID", m.alnum(32))}&q-sign-time=1767225600;1767229200&q-key-time=1767225600;1767229200&q-header-list=host&q-url-param-list=&q-signature=${m.hex(40)}`,
    }),
    sample("Huawei OBS", {
      path: `/o?AccessKeyId=${m.pick(upper + digits, 20)}&Expires=1767225600&Signature=${encodeURIComponent(m.base64(20))}`,
    }),
    sample("Oracle pre-authenticated", { path: `/p/${m.base64url(48)}/n/space/b/bucket/o/a.txt` }),
    sample("Spaces", {
      path: `/b/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${put("DO", "00", m.pick(upper + digits, 16))}%2F20260114%2Ffra1%2Fs3%2Faws4_request&X-Amz-Date=${at}&X-Amz-Signature=${m.hex(64)}`,
    }),
    sample("R2", {
      path: `/b/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${m.hex(32)}%2F20260114%2Fauto%2Fs3%2Faws4_request&X-Amz-Date=${at}&X-Amz-Signature=${m.hex(64)}`,
    }),
    sample("Backblaze", {
      headers: { Authorization: `4_00${m.hex(20)}_01${m.hex(6)}_acct_${m.base64url(20)}=` },
    }),
    sample("GCS v2", {
      path: `/b/o?GoogleAccessId=robot%40project-1.iam.gserviceaccount.com&Expires=1767225600&Signature=${encodeURIComponent(m.base64(256))}`,
    }),
    sample("Firebase download", { path: `/v0/b/app.example/o/a.png?alt=media&token=${m.uuid()}` }),
    sample("Azure user delegation", {
      path: `/c/b?skoid=${m.uuid()}&sktid=${m.uuid()}&skt=2026-01-14T09%3A30%3A12Z&ske=2026-01-15T09%3A30%3A12Z&sks=b&skv=2024-11-04&sp=r&sv=2024-11-04&sr=b&sig=${encodeURIComponent(m.base64(32))}`,
    }),
    sample("Akamai", { path: `/v.mp4?hdnts=exp=1767225600~acl=/*~hmac=${m.hex(64)}` }),
    sample("Bunny", { path: `/v/${m.base64url(32)}/v.mp4?token=${m.base64url(32)}&expires=1767225600` }),
    sample("Cloudinary", { path: `/demo/image/upload/s--${m.base64url(6)}--/v1/a.jpg` }),
    sample("raw file of a private repository", {
      path: `/acme/app/main/README.md?token=${put("GH", "SAT0", "AAAAAA", m.pick(upper, 28))}`,
    }),
    sample("release asset", {
      path: `/asset?sp=r&sv=2018-11-09&sr=b&sig=${encodeURIComponent(m.base64(32))}&jwt=${m.jwt()}&response-content-type=application%2Foctet-stream`,
    }),
  ];
}

function signatures(m: MadeUp): Sample[] {
  return [
    sample("hook of GitHub", {
      type: json,
      headers: { "X-Hub-Signature-256": `sha256=${m.hex(64)}`, "X-GitHub-Delivery": m.uuid() },
      body: JSON.stringify({ after: m.hex(40), before: m.hex(40), node_id: `R_kgDO${m.base64url(6)}` }),
    }),
    sample("hook of Stripe", {
      headers: { "Stripe-Signature": `t=1767225600,v1=${m.hex(64)},v0=${m.hex(64)}` },
    }),
    sample("hook of Slack", {
      headers: { "X-Slack-Signature": `v0=${m.hex(64)}`, "X-Slack-Request-Timestamp": "1767225600" },
    }),
    sample("message signature", {
      headers: {
        "Signature-Input": `sig1=("@method" "@path");created=1767225600;keyid="k-${m.hex(8)}"`,
        Signature: `sig1=:${m.base64(64)}:`,
        "Content-Digest": `sha-256=:${m.base64(32)}:`,
      },
    }),
    sample("DPoP", { headers: { DPoP: m.jwt(), Authorization: `DPoP ${m.base64url(48)}` } }),
    sample("OAuth 1", {
      headers: {
        Authorization: `OAuth oauth_consumer_key="${m.alnum(25)}", oauth_nonce="${m.alnum(32)}", oauth_signature="${encodeURIComponent(m.base64(20))}", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1767225600", oauth_version="1.0"`,
      },
    }),
    sample("Digest", {
      headers: {
        Authorization: `Digest username="sam", realm="r", nonce="${m.hex(32)}", uri="/", cnonce="${m.base64(12)}", nc=00000001, qop=auth, response="${m.hex(32)}"`,
      },
    }),
    sample("SAML", {
      type: form,
      body: `SAMLResponse=${encodeURIComponent(Buffer.from(`<Response ID="_${m.hex(40)}"><SignatureValue>${m.base64(256)}</SignatureValue><X509Certificate>${m.base64(900)}</X509Certificate></Response>`).toString("base64"))}&RelayState=${m.hex(32)}`,
    }),
    sample("form post of an id token", {
      type: form,
      body: `id_token=${m.jwt()}&state=${m.base64url(32)}&session_state=${m.hex(64)}`,
    }),
    sample("Negotiate", { headers: { Authorization: `Negotiate YII${m.base64(900)}` } }),
    sample("passkey", {
      type: json,
      body: JSON.stringify({
        id: m.base64url(32),
        response: {
          authenticatorData: m.base64url(37),
          clientDataJSON: m.base64url(120),
          signature: m.base64url(70),
        },
      }),
    }),
    sample("Rails session", {
      headers: { Cookie: `_app_session=${encodeURIComponent(m.base64(240))}--${m.hex(40)}` },
    }),
    sample("Laravel session", {
      headers: {
        Cookie: `XSRF-TOKEN=${encodeURIComponent(Buffer.from(JSON.stringify({ iv: m.base64(16), value: m.base64(64), mac: m.hex(64), tag: "" })).toString("base64"))}`,
      },
    }),
    sample("Phoenix session", {
      headers: { Cookie: `_app_key=SFMyNTY.${m.base64url(90)}.${m.base64url(32)}` },
    }),
    sample("encrypted session", {
      headers: {
        Cookie: `next-auth.session-token=eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..${m.base64url(12)}.${m.base64url(260)}.${m.base64url(16)}`,
      },
    }),
    sample("cookies of a CDN", {
      headers: {
        Cookie: `__cf_bm=${m.base64url(32)}-1767225600-1.0.1.1-${m.base64url(96)}; cf_clearance=${m.base64url(32)}-1767225600-1.2.1.1-${m.base64url(200)}`,
      },
    }),
    sample("view state", {
      type: form,
      body: `__VIEWSTATE=${encodeURIComponent(m.base64(2_000))}&__EVENTVALIDATION=${encodeURIComponent(m.base64(300))}`,
    }),
    sample("captcha", { type: form, body: `g-recaptcha-response=03A${m.base64url(600)}` }),
    sample("content policy report", {
      type: "application/csp-report",
      body: JSON.stringify({
        "csp-report": { "original-policy": `script-src 'nonce-${m.base64(16)}' 'sha256-${m.base64(32)}'` },
      }),
    }),
    sample("names over HTTPS", { path: `/dns-query?dns=${m.base64url(48)}` }),
  ];
}

function publicKeys(m: MadeUp): Sample[] {
  return [
    sample("Mapbox", {
      path: `/styles/v1?access_token=pk.${Buffer.from(`{"u":"acme","a":"${m.alnum(24)}"}`).toString("base64url")}.${m.base64url(16)}`,
    }),
    sample("Algolia", {
      type: json,
      headers: { "X-Algolia-API-Key": m.hex(32), "X-Algolia-Application-Id": m.pick(upper, 10) },
      body: `{"query":"${m.words(2)}"}`,
    }),
    sample("PostHog", {
      type: json,
      body: JSON.stringify({ api_key: put("ph", "c_", m.alnum(43)), event: "opened", distinct_id: m.uuid() }),
    }),
    sample("Datadog in a browser", {
      path: `/api/v2/rum?dd-api-key=${put("pu", "b", m.hex(32))}&dd-request-id=${m.uuid()}`,
      type: "text/plain",
      body: m.words(40),
    }),
    sample("New Relic in a browser", {
      path: `/1/NRJS-${m.hex(19)}?a=${m.number(1e9)}&sa=1`,
      type: json,
      body: "{}",
    }),
    sample("Segment", {
      type: json,
      headers: { Authorization: `Basic ${Buffer.from(`${m.alnum(32)}:`).toString("base64")}` },
      body: JSON.stringify({ messageId: m.uuid(), anonymousId: m.uuid() }),
    }),
    sample("Amplitude", {
      type: json,
      body: JSON.stringify({ api_key: m.hex(32), events: [{ device_id: m.uuid(), insert_id: m.hex(36) }] }),
    }),
    sample("Supabase, public", {
      headers: {
        apikey: put("sb_", "publishable_", m.base64url(16), "_", m.alnum(8)),
        Authorization: `Bearer ${m.jwt()}`,
      },
    }),
    sample("Clerk, public", {
      path: `/v1/client?key=${put("pk", "_live_", Buffer.from("clerk.acme.example$").toString("base64"))}`,
    }),
    sample("Sentry's address", {
      type: "application/x-sentry-envelope",
      body: `{"dsn":"https://${m.hex(32)}@o${m.number(1e6)}.ingest.example.org/${m.number(1e6)}","event_id":"${m.hex(32)}"}\n{"type":"event"}\n{}`,
    }),
    sample("OTLP as JSON", {
      type: json,
      body: JSON.stringify({
        resourceSpans: Array.from({ length: 30 }, () => ({
          traceId: m.hex(32),
          spanId: m.hex(16),
          name: m.words(2),
          attributes: [{ key: "http.url", value: { stringValue: `https://api.example.org/${m.uuid()}` } }],
        })),
      }),
    }),
    sample("B3 headers", {
      headers: {
        "X-B3-TraceId": m.hex(32),
        "X-B3-SpanId": m.hex(16),
        b3: `${m.hex(32)}-${m.hex(16)}-1`,
        "X-Cloud-Trace-Context": `${m.hex(32)}/${m.number(1e9)};o=1`,
      },
    }),
    sample("persisted GraphQL", {
      path: `/graphql?operationName=Q&extensions=${encodeURIComponent(JSON.stringify({ persistedQuery: { version: 1, sha256Hash: m.hex(64) } }))}`,
    }),
    sample("GraphQL ids", {
      type: json,
      body: JSON.stringify({
        query: "query($ids:[ID!]!){nodes(ids:$ids){id}}",
        variables: {
          ids: Array.from({ length: 20 }, (_, at) =>
            Buffer.from(`010:Repository${at}${m.number(1e9)}`).toString("base64"),
          ),
        },
      }),
    }),
    sample("bulk index", {
      type: "application/x-ndjson",
      body: Array.from(
        { length: 60 },
        () => `{"index":{"_id":"${m.base64url(15)}"}}\n{"hash":"${m.hex(64)}","text":"${m.words(8)}"}`,
      ).join("\n"),
    }),
    sample("addresses of a chain", {
      type: json,
      body: JSON.stringify({
        jsonrpc: "2.0",
        method: "eth_sendRawTransaction",
        params: [`0x02f8${m.hex(300)}`],
        from: `0x${m.hex(40)}`,
        hash: `0x${m.hex(64)}`,
      }),
    }),
    sample("payment page", {
      type: json,
      body: JSON.stringify({
        key: put("pk", "_live_", m.alnum(99)),
        payment_method: `pm_${m.alnum(24)}`,
        intent: `pi_${m.alnum(24)}`,
        customer: `cus_${m.alnum(14)}`,
      }),
    }),
    sample("ids of Slack", {
      type: json,
      body: JSON.stringify({
        channel: `C0${m.pick(upper + digits, 9)}`,
        team: `T0${m.pick(upper + digits, 9)}`,
        client_msg_id: m.uuid(),
        ts: "1767225600.000100",
        text: m.words(9),
      }),
    }),
    sample("ids of Twilio", {
      type: form,
      path: `/2010-04-01/Accounts/AC${m.hex(32)}/Messages.json`,
      body: `To=%2B15005550006&Body=${m.words(4).replaceAll(" ", "+")}&MessagingServiceSid=MG${m.hex(32)}`,
    }),
  ];
}

export function everydayServices(m: MadeUp): Sample[] {
  return [...signedElsewhere(m), ...signatures(m), ...publicKeys(m)];
}
