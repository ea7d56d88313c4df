/** Which headers of a request a host with a secret gets to see. */
import { credentialHeaders } from "./bound-headers.ts";

/**
 * Of the registered ones (https://www.iana.org/assignments/http-fields), those that ask for no part of an answer, for no other bytes for the
 * same letters and for no sum over it: what is looked for would no longer be found in one piece. The rest stays here.
 */
const registered: ReadonlySet<string> = new Set([
  "accept",
  "accept-datetime",
  "accept-language",
  "access-control-request-headers",
  "access-control-request-method",
  "authorization",
  "baggage",
  "cache-control",
  "content-digest",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-location",
  "content-md5",
  "content-range",
  "content-type",
  "cookie",
  "date",
  "depth",
  "destination",
  "digest",
  "dnt",
  "etag",
  "from",
  "git-protocol",
  "idempotency-key",
  "if",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-unmodified-since",
  "last-event-id",
  "link",
  "lock-token",
  "mime-version",
  "origin",
  "overwrite",
  "pragma",
  "prefer",
  "priority",
  "referer",
  "save-data",
  "signature",
  "signature-input",
  "slug",
  "soapaction",
  "timeout",
  "traceparent",
  "tracestate",
  "upgrade-insecure-requests",
  "upload-offset",
  "user-agent",
]);

/** A service's own, such as `x-github-api-version`: two words at least */
const ownName = /^[a-z0-9]+(?:-[a-z0-9]+)+$/;
/** `x-ms-range`, `request-range`, `a-im`, `want-content-digest`, and all that is yet to come of this kind */
const askingWords: ReadonlySet<string> = new Set([
  "accept",
  "charset",
  "codec",
  "compress",
  "compression",
  "delta",
  "digest",
  "encoding",
  "encodings",
  "im",
  "negotiate",
  "offset",
  "range",
  "ranges",
  "slice",
  "te",
  "transform",
  "variant",
  "want",
]);

/** True if a header of this name, in lower case, goes on to the host. */
export function mayPass(name: string): boolean {
  if (registered.has(name) || credentialHeaders.has(name)) return true;
  return ownName.test(name) && !name.split("-").some((word) => askingWords.has(word));
}
