/** Which headers of an API call pass the gate, and what is put in: the real credential in place of whatever the agent sent. */
import { betas, headerNames } from "./api-vocabulary.ts";
import { answerHopHeaders } from "./hop-headers.ts";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { GateApi } from "../../protocol/gate.ts";

const removedFromAnswer: ReadonlySet<string> = new Set([...answerHopHeaders, "set-cookie"]);

/** What Claude Code adds itself when it holds an OAuth token; the API refuses the token without it */
const oauthBeta = "oauth-2025-04-20";

/** The one kind of body that is looked through */
const jsonType = /^application\/json(?:\s*;\s*charset=utf-8)?$/i;

/** Why the call is not passed on by its headers, as a clause; undefined if it may be. */
export function findHeaderProblem(received: IncomingHttpHeaders): string | undefined {
  if ((received["content-encoding"] ?? "identity") !== "identity")
    return "a compressed body cannot be looked through";
  return jsonType.test(received["content-type"] ?? "")
    ? undefined
    : "its body is not called application/json";
}

/** Headers for the upstream: those that are known, and the credential. */
export function makeRequestHeaders(api: GateApi, received: IncomingHttpHeaders): OutgoingHttpHeaders {
  const { header, value } = api.credential;
  // Headers named by Connection belong to this hop
  const hop = listWords(received.connection);
  const known = Object.entries(received).filter(([name]) => headerNames.test(name) && !hop.has(name));
  const features = listBetas(received["anthropic-beta"], header === "authorization");
  const { "anthropic-beta": _beta, ...headers } = Object.fromEntries(known);
  return {
    ...headers,
    ...(features === "" ? {} : { "anthropic-beta": features }),
    // As it was read
    "content-type": "application/json",
    host: api.host,
    [header]: value,
  };
}

/** Headers of the upstream's answer for the agent. */
export function makeAnswerHeaders(received: IncomingHttpHeaders): OutgoingHttpHeaders {
  const hop = listWords(received.connection);
  return Object.fromEntries(
    Object.entries(received).filter(([name]) => !removedFromAnswer.has(name) && !hop.has(name)),
  );
}

function listBetas(received: string | string[] | undefined, isOauth: boolean): string {
  const names = String(received ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => betas.test(name));
  return [...new Set([...names, ...(isOauth ? [oauthBeta] : [])])].join(",");
}

function listWords(header: string | undefined): ReadonlySet<string> {
  return new Set((header ?? "").toLowerCase().split(/[\s,]+/));
}
