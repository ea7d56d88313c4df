/** Key files that OpenSSH does not read: what each of them is, and what makes one of it that OpenSSH reads. */

export interface ForeignForm {
  /** As the end of "Cannot use the key …: " */
  readonly state: string;
  /** Undefined where only another key helps */
  readonly hint?: string;
}

const asNew = "> NEW && chmod 600 NEW";
const nameThePrivate = "Name the private key, not the .pub file.";
const copyAgain = "Copy the key again, whole and with its line breaks.";

/** The first that fits says what it is. Bytes that are no UTF-8 are U+FFFD here. */
const forms: readonly (readonly [start: RegExp, form: ForeignForm])[] = [
  [
    /^\ufeff/,
    {
      state: "it begins with a byte order mark, which OpenSSH does not read",
      hint: `Write it without the mark: tail -c +4 FILE ${asNew}`,
    },
  ],
  [
    /^(\ufffd\ufffd.?\0|-\0|\0-)/,
    {
      state: "it is UTF-16 text, which OpenSSH does not read",
      hint: `Write it as ASCII: iconv -f UTF-16 -t ASCII FILE ${asNew}`,
    },
  ],
  [
    /^\s*PuTTY-User-Key-File-/,
    {
      state: "it is in PuTTY's form (PPK)",
      hint: "Write it in OpenSSH's form: puttygen FILE -O private-openssh -o NEW",
    },
  ],
  [
    /^\s*---- BEGIN SSH2 (ENCRYPTED )?PRIVATE KEY ----/,
    {
      state: "it is in the SSH2 form of ssh.com",
      hint: `Write it in OpenSSH's form: ssh-keygen -i -f FILE ${asNew}`,
    },
  ],
  [/^SSH PRIVATE KEY FILE FORMAT 1\.1/, { state: "it is a key for SSH 1, which no server takes any more" }],
  [/^\s*-----BEGIN PGP /, { state: "it is a PGP key, not an SSH key" }],
  [/^(# created: .*\n)?(# public key: .*\n)?AGE-SECRET-KEY-/, { state: "it is an age key, not an SSH key" }],
  [/^\s*[[{]/, { state: "it is JSON, not a key in PEM form" }],
  [
    /[\0\ufffd]/,
    {
      state: "it is binary, as DER and PKCS #12 files are",
      hint: "Write it in PEM form: openssl pkey -inform DER -in FILE -out NEW, or openssl pkcs12 -nodes -nocerts -in FILE",
    },
  ],
];

/** What keeps a PEM file with a private key from being read; undefined for nothing. Line breaks are `\n` here. */
const faults: readonly (readonly [text: RegExp, form: ForeignForm])[] = [
  [
    /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\\n/,
    {
      state: String.raw`its line breaks are written out as \n`,
      hint: `Write real ones: printf '%b\\n' "$(cat FILE)" ${asNew}`,
    },
  ],
  [/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^\n]/, { state: "its line breaks are missing", hint: copyAgain }],
  [
    /^[ \t]+-----(BEGIN|END) [A-Z0-9 ]*PRIVATE KEY-----/m,
    {
      state: "its lines are indented, which OpenSSH does not read",
      hint: `Remove the blanks: sed 's/^[[:blank:]]*//' FILE ${asNew}`,
    },
  ],
  [
    /^(?!-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\n)/,
    {
      state: "there is text in front of its first line (-----BEGIN …)",
      hint: "Delete everything above that line.",
    },
  ],
  [
    /^-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----\n(?![\s\S]*\n-----END \1PRIVATE KEY-----(\n|$))/,
    { state: "its last line (-----END …) is missing", hint: copyAgain },
  ],
];

/** What a key file is that OpenSSH does not read; undefined for one that it may read. */
export function findForeignForm(text: string): ForeignForm | undefined {
  const form = forms.find(([start]) => start.test(text))?.[1];
  if (form) return form;
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text))
    return /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/.test(text)
      ? { state: "it is a certificate", hint: "Name the private key that belongs to it." }
      : { state: "it is not a private key", hint: nameThePrivate };
  return faults.find(([fault]) => fault.test(text))?.[1];
}
