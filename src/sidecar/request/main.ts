/** `bottle-request`, inside a bottle: asks the user for a host and waits for the answer. */
import { request } from "node:http";
import { parseArgs } from "node:util";
import { gateAskPort, gateHostName } from "../../protocol/gate.ts";

const usage = `Usage: bottle-request HOST[:PORT] --reason TEXT [--kind tls|http|tcp] [--wait SECONDS]

Asks the user to let this bottle reach HOST, and waits for the answer (90 seconds, or as --wait says, at most 900). Without PORT it
is https. Port 80 is plain http and every other port TLS, unless --kind says http or tcp (any protocol, by a program that uses the proxy).
Exit codes: 0 allowed, 1 blocked or not possible, 75 no answer yet: the request stands, and the same command waits again.
`;

interface Answer {
  readonly verdict: string;
  readonly message: string;
}

const exitCodes: Readonly<Record<string, number>> = { allowed: 0, blocked: 1, refused: 1, waiting: 75 };

function main(): void {
  const { values, positionals } = readWords();
  const [host] = positionals;
  if (values.help === true) return end(0, usage);
  if (host === undefined || positionals.length > 1 || values.reason === undefined) return end(2, usage);
  const wait = values.wait === undefined ? undefined : Number(values.wait);
  if (wait !== undefined && !(wait >= 0)) return end(2, usage);
  ask({ host, reason: values.reason, wait, kind: values.kind }, ({ verdict, message }) =>
    end(exitCodes[verdict] ?? 1, `${message}\n`),
  );
}

function readWords() {
  try {
    return parseArgs({
      options: {
        reason: { type: "string", short: "r" },
        wait: { type: "string", short: "w" },
        kind: { type: "string", short: "k" },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
    });
  } catch {
    return {
      values: {} as { reason?: string; wait?: string; kind?: string; help?: boolean },
      positionals: [],
    };
  }
}

function ask(fields: object, onAnswer: (answer: Answer) => void): void {
  const fail = () => end(75, "The bottle's sidecar did not answer. Try again in a moment.\n");
  const call = request(
    {
      host: gateHostName,
      port: gateAskPort,
      path: "/ask",
      method: "POST",
      agent: false,
      headers: { "Content-Type": "application/json" },
    },
    (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("error", fail);
      response.on("end", () => {
        try {
          const { verdict, message } = JSON.parse(text) as Partial<Answer>;
          onAnswer({ verdict: String(verdict), message: String(message ?? "Not possible.") });
        } catch {
          fail();
        }
      });
    },
  );
  call.on("error", fail);
  call.end(JSON.stringify(fields));
}

function end(code: number, text: string): void {
  process.exitCode = code;
  (code === 0 ? process.stdout : process.stderr).write(text);
}

// Node warns of the proxy support that the bottle switches on, in front of what the agent is to read
process.removeAllListeners("warning");
main();
