/** Which headers of an API call pass the gate, and what is put in: the real credential in place of whatever the agent sent. */
import { answerHopHeaders, requestHopHeaders } from "./hop-headers.ts";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { GateApi } from "./protocol.ts";

/** Credentials, what concerns one connection only, and what tells about the way here */
const removedFromRequest: ReadonlySet<string> = new Set([
  ...requestHopHeaders,
  "authorization",
  "cookie",
  "forwarded",
  "via",
  "x-api-key",
]);
const removedPrefixes = ["proxy-", "x-forwarded-"];
const removedFromAnswer: ReadonlySet<string> = new Set([...answerHopHeaders, "set-cookie"]);

/** What Claude Code adds itself when it holds an OAuth token; the API refuses the token without it */
const oauthBeta = "oauth-2025-04-20";

/**
 * Features of the API that let its servers fetch from or store at a place of the agent's choice, which would be a way out past the
 * allowlist. Claude Code 2.1.330 uses none of them.
 */
const removedBetas = [
  "code-execution-",
  "files-api-",
  "mcp-client-",
  "mcp-servers-",
  "skills-",
  "web-fetch-",
];

/** Headers for the upstream, with the credential. */
export function makeRequestHeaders(api: GateApi, received: IncomingHttpHeaders): OutgoingHttpHeaders {
  const headers = copyHeaders(received, removedFromRequest);
  const { header, value } = api.credential;
  const betas = listBetas(received["anthropic-beta"], header === "authorization");
  delete headers["anthropic-beta"];
  if (betas !== "") headers["anthropic-beta"] = betas;
  return { ...headers, host: api.host, [header]: value };
}

/** Headers of the upstream's answer for the agent. */
export function makeAnswerHeaders(received: IncomingHttpHeaders): OutgoingHttpHeaders {
  return copyHeaders(received, removedFromAnswer);
}

function listBetas(received: string | string[] | undefined, isOauth: boolean): string {
  const names = String(received ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter(
      (name) =>
        name !== "" &&
        name !== oauthBeta &&
        !removedBetas.some((prefix) => name.toLowerCase().startsWith(prefix)),
    );
  return [...new Set([...names, ...(isOauth ? [oauthBeta] : [])])].join(",");
}

function copyHeaders(received: IncomingHttpHeaders, removed: ReadonlySet<string>): OutgoingHttpHeaders {
  // Headers named by Connection belong to this hop too
  const hop = new Set(
    String(received.connection ?? "")
      .toLowerCase()
      .split(/[\s,]+/),
  );
  const kept = Object.entries(received).filter(
    ([name]) =>
      // Some servers take `x_api_key` for `x-api-key`; nothing honest is called so
      !name.includes("_") &&
      !removed.has(name) &&
      !hop.has(name) &&
      !removedPrefixes.some((prefix) => name.startsWith(prefix)),
  );
  return Object.fromEntries(kept);
}
