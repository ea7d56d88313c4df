/** What a text must hold for its file to count as a credential, where the file's name alone says too little. */

/** What such a look needs of a file, from its beginning */
export const bytesToLookAt = 64 * 1024;

const privateKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY|^PuTTY-User-Key-File/m;
/** By sops, Ansible and git-crypt */
const encrypted = /\bENC\[AES256_GCM,|^\$ANSIBLE_VAULT;|^\0GITCRYPT/m;
const comments = /^[ \t]*[#;].*$/gm;

const secretName =
  "(?:token|secret|passw(?:or)?d|passphrase|(?:api|access|secret|private|encryption)[_-]?key|auth|authorization|authident|credential)s?";
const scheme = "(?:bearer|basic|token)[ \\t]+";
/** `name = value`, `"name": "value"`, `<name>value`, `"name" value="value"`, `"name" "value"` */
const separator = `(?:["']?[ \\t]*(?:[:=>]|\\bvalue[ \\t]*=)[ \\t]*|["'][ \\t]+)["']?(?:${scheme})?`;
/** What is filled in later, and what is no secret: a reference to a variable, a template, a list, a number, a word of the format */
const placeholder = `[$%<{[]|(?:null|none|nil|true|false|env|process)\\b|your|xxx|\\*\\*\\*|changeme|\\d+(?![\\w.-])|${scheme}`;
const assignment = new RegExp(`${secretName}${separator}(?!${placeholder})[^\\s"'<>,;{}]{3,}`, "i");
/** `https://name:password@host`, or a token alone, which is longer than a login name and has a digit */
const urlLogin = /:\/\/(?:[^\s/:@"'<>]*:(?![$%<{])[^\s/@"'<>]+|(?=[^\s/:@"'<>${}]*\d)[^\s/:@"'<>${}]{20,})@/;
const curlLogin = /^[ \t]*(?:-u|(?:--)?user)[ \t=:]+["']?[^\s:"']+:[^\s"']/m;
/** Those that their makers gave a form of their own; as they write them, since a variable may be called NPM_AUTH_TOKEN */
const token =
  /\b(?:sk-[\w-]{20,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|npm_\w{30,}|pypi-[\w-]{20,}|hf_\w{20,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|AIza[\w-]{30,}|eyJ[\w-]{30,})/;

/** True for a private key in text, as OpenSSL, OpenSSH, GnuPG and PuTTY write it. */
export function holdsPrivateKey(text: string): boolean {
  return privateKey.test(text);
}

/** False for a text of certificates and public keys alone, and for an archive: presentations end in `.key` too. */
export function holdsAnyKey(text: string): boolean {
  if (holdsPrivateKey(text)) return true;
  return !/-----BEGIN |^(?:ssh|ecdsa)-\S+ AAAA/.test(text) && !text.startsWith("PK\u0003\u0004");
}

/** False for a text that is encrypted, or a template into which the values are yet to be put. */
export function holdsPlainText(text: string): boolean {
  return !encrypted.test(text) && !/\{\{[^{}\n]*\}\}/.test(text);
}

/** True for a text of any kind that holds a key, a token of a known form, or an address with a login. */
export function holdsKnownSecret(text: string): boolean {
  return [privateKey, token, urlLogin].some((pattern) => pattern.test(text));
}

/** True for settings in which a secret stands itself, and not the name of a variable that holds it. */
export function holdsSecretSetting(text: string): boolean {
  const settings = text.replaceAll(comments, "");
  return [assignment, urlLogin, curlLogin, token, privateKey].some((pattern) => pattern.test(settings));
}
