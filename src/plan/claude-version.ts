/** The Claude Code release that goes into the image; the host and path tables were measured with it. */
export const claudeVersion = "2.1.330";
/** When it was published */
export const claudeReleased = "2026-11-20";
