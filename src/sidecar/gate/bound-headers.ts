/** Where in a request a real value may be put in: credential headers only, each a placeholder whole and nothing else. */

export type Header = readonly [name: string, value: string];

/** A placeholder and what it stands for. */
export interface BoundValue {
  readonly name: string;
  readonly placeholder: string;
  readonly value: string;
}

/**
 * Headers whose only use is a credential. Cookie is not among them: a server keeps and shows again what stands in a cookie of any
 * name, and no service hands out API tokens for it.
 */
export const credentialHeaders: ReadonlySet<string> = new Set([
  "api-key",
  "apikey",
  "authorization",
  "circle-token",
  "dd-api-key",
  "dd-application-key",
  "deploy-token",
  "job-token",
  "private-token",
  "x-access-token",
  "x-api-key",
  "x-api-token",
  "x-auth-key",
  "x-auth-token",
  "x-figma-token",
  "x-gitea-token",
  "x-gitlab-token",
  "x-goog-api-key",
  "x-jfrog-art-api",
  "x-vault-token",
]);

/** `Bearer X`, `token X`, `Bot X` */
const schemeAndToken = /^([A-Za-z][A-Za-z0-9_-]*)( +)([\x21-\x7e]+)$/;

/** Puts the values in; `used` names those that were. Everything else stays as it is. */
export function putValuesIn(
  headers: readonly Header[],
  values: readonly BoundValue[],
): { readonly headers: Header[]; readonly used: string[] } {
  const used = new Set<string>();
  const replace = (text: string): string => {
    const bound = values.find((one) => one.placeholder === text);
    if (bound) used.add(bound.name);
    return bound?.value ?? text;
  };
  const changed = headers.map(([name, value]): Header => {
    if (!credentialHeaders.has(name.toLowerCase())) return [name, value];
    return [
      name,
      name.toLowerCase() === "authorization" ? replaceInAuthorization(value, replace) : replace(value),
    ];
  });
  return { headers: changed, used: [...used] };
}

/** A token after its scheme, or alone as some services want it; in Basic the user name or the password. */
function replaceInAuthorization(value: string, replace: (text: string) => string): string {
  const [, scheme = "", space = "", token = ""] = schemeAndToken.exec(value) ?? [];
  if (scheme === "") return replace(value);
  if (scheme.toLowerCase() !== "basic") return `${scheme}${space}${replace(token)}`;
  const decoded = Buffer.from(token, "base64").toString("latin1");
  const at = decoded.indexOf(":");
  if (at < 0) return value;
  const parts = [decoded.slice(0, at), decoded.slice(at + 1)];
  const replaced = parts.map(replace);
  if (replaced.every((part, index) => part === parts[index])) return value;
  return `${scheme}${space}${Buffer.from(replaced.join(":"), "latin1").toString("base64")}`;
}
