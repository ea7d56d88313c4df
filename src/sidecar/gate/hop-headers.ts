/** Headers that no message carries on past the gate, whoever forwards it; each forwarder adds what is special to it. */

/** What concerns one connection only (RFC 9110 §7.6.1), and what the gate writes itself. Expect would make both sides wait for each other */
export const requestHopHeaders = [
  "connection",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
] as const;

/** What concerns one connection only, and an invitation to go another way */
export const answerHopHeaders = [
  "alt-svc",
  "connection",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
] as const;
