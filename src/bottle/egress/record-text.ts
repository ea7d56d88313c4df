/** Texts of an agent's doing as records have them: cut off, and with credentials taken out. */
import { redactCredentials, redactHost } from "../../core/redact.ts";

/** Without credentials, and of a length that a line has. */
export function text(value: unknown): string | undefined {
  return value === undefined || value === null
    ? undefined
    : redactCredentials(String(value).slice(0, 2_000)).slice(0, 400);
}

/** As `text`, of a host. */
export function hostText(value: unknown): string {
  return redactHost(String(value).slice(0, 300));
}
