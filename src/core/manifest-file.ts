/** A manifest file as text; the host layer finds it and the manifest layer reads it. */

/** One manifest file as found on disk. */
export interface ManifestFile {
  /** Absolute */
  readonly path: string;
  /** As shown to people */
  readonly shownPath: string;
  readonly scope: "home" | "project";
  readonly text: string;
}
