/** The ledger of secrets for people: rows for a table, and the sentence at the end of a session about what was tried in vain. */
import type { SecretUse } from "../../core/secret-ledger.ts";
import { countOf } from "../../core/text.ts";

const maxShown = 5;

/** Name, what became of it, how often, first and last time; to be escaped like all that an agent had a hand in. */
export function renderLedger(ledger: readonly SecretUse[]): string[][] {
  return ledger.map((use) => [use.name, describeUse(use), countOf(use.count, "time"), describeTimes(use)]);
}

/** One line for each secret whose placeholder came where nothing is put in, and for each that a host sent back. */
export function renderTries(ledger: readonly SecretUse[]): string[] {
  return [
    ...renderSome(ledger, "blocked", "Placeholders were sent to places where secrets are not filled in:"),
    ...renderSome(ledger, "returned", "Hosts sent secrets back; they were removed from the answers:"),
  ];
}

function renderSome(ledger: readonly SecretUse[], verdict: SecretUse["verdict"], title: string): string[] {
  const some = ledger.filter((use) => use.verdict === verdict);
  const lines = some
    .slice(0, maxShown)
    .map((use) => `  ${use.name}  ${describeUse(use)}, ${countOf(use.count, "time")}`);
  if (lines.length === 0) return [];
  const rest = some.length > maxShown ? [`  and ${some.length - maxShown} more`] : [];
  return [title, ...lines, ...rest];
}

function describeUse({ host, verdict, where }: SecretUse): string {
  if (verdict === "used") return `used for ${host}`;
  if (verdict === "returned") return `came back from ${host}`;
  return where === "connect"
    ? `placeholder in a request for ${host}`
    : `placeholder in the ${where ?? "request"} to ${host}`;
}

/** To the second, in UTC as everything in the record */
function describeTimes({ first, last }: SecretUse): string {
  const [from, to] = [first, last].map((time) => time.slice(0, 19).replace("T", " "));
  return from === to ? `${from}` : `${from} to ${to}`;
}
