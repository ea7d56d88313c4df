/** Whether a file that is to go in by its name holds a credential, by its place, its name or its content. */
import { findCredentialFiles, holdsCredential } from "../core/credential-files.ts";
import { findCredentialPlace, otherCredentialWay } from "../core/credential-places.ts";
import { holdsKnownSecret } from "../core/credential-text.ts";

/** What to do instead of copying it; undefined for a file that holds none. `path` is below the home folder, or only a name. */
export function findCredentialWay(path: string, content: Uint8Array): string | undefined {
  const way = findCredentialPlace(path);
  if (way !== undefined) return way;
  // An empty file is a placeholder
  if (content.length === 0) return undefined;
  const isCertain = findCredentialFiles([path]).certain.length > 0;
  const isOne =
    isCertain ||
    holdsCredential(path, content) ||
    // Every byte is a character of it, so that nothing in it can be invalid
    holdsKnownSecret(Buffer.from(content).toString("latin1"));
  return isOne ? otherCredentialWay : undefined;
}
