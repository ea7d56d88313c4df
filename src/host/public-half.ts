/** What a private key file tells of the key without a passphrase. */
export type PublicHalf =
  /** `publicKey` is `type base64` */
  | { readonly kind: "usable"; readonly publicKey: string }
  /** With a passphrase; OpenSSH's own form keeps the public half in clear, and the PEM forms do not */
  | { readonly kind: "encrypted"; readonly publicKey: string | undefined }
  /** `sk-…`: the file holds only a handle */
  | { readonly kind: "security-key" }
  | { readonly kind: "unsupported"; readonly what: string };
