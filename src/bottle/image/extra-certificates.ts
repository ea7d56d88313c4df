/** CA certificates of a company's network, from the file that `CLAUDE_BOTTLE_CA_CERTS` names. */
import { createHash, X509Certificate } from "node:crypto";
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Each certificate as a text of its own; nothing else of the file gets into an image. Throws for a file that is none. */
export function readCertificates(path: string, text: string): string[] {
  if (text.includes("PRIVATE KEY")) throw unusable(path, "it holds a private key");
  const found = text.match(block) ?? [];
  if (found.length === 0) throw unusable(path, "it holds no certificate in PEM form");
  return found.map((pem) => {
    try {
      return new X509Certificate(pem).toString();
    } catch {
      throw unusable(path, "a certificate in it cannot be read");
    }
  });
}

/** What the plan says of them; undefined without any. */
export function summarise(
  certificates: readonly string[],
): { readonly count: number; readonly digest: string } | undefined {
  if (certificates.length === 0) return undefined;
  const digest = createHash("sha256").update(JSON.stringify(certificates)).digest("hex");
  return { count: certificates.length, digest };
}

function unusable(path: string, state: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use CLAUDE_BOTTLE_CA_CERTS=${quote(path)}: ${state}`,
    hint: "Name a file with CA certificates in PEM form, or unset it.",
  });
}
