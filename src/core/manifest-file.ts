/** A manifest file as text; the host layer finds it and the manifest layer reads it. */

/** One manifest file as found on disk. */
export interface ManifestFile {
  /** Absolute */
  readonly path: string;
  /** As shown to people */
  readonly shownPath: string;
  readonly scope: "home" | "project";
  readonly text: string;
  /**
   * Of one that another file names under `include`: whose. It is somebody else's file as a project's is, so its scope is `project`, whoever
   * names it
   */
  readonly includedBy?: "home" | "project";
}
