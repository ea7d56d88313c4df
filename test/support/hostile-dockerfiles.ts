/** Dockerfiles that look as if their last stage started from the bottle's own image, and for some builder start elsewhere. */

const begin = "ARG BASE_IMAGE\nFROM ${BASE_IMAGE} AS good\n";
const evil = "FROM scratch\nLABEL evil=1\n";

/** By what they do; `evil` is on the image that comes of them */
export const hostileDockerfiles: Readonly<Record<string, string>> = {
  "plainly another image": `${begin}${evil}`,
  "another image behind the own one": `${begin}LABEL a=b\nfrom scratch\nLABEL evil=1\n`,
  "a stage that starts elsewhere": `ARG BASE_IMAGE\nFROM scratch AS evil\nLABEL evil=1\nFROM \${BASE_IMAGE} AS good\nFROM EVIL\n`,
  "a FROM over two lines": `${begin}FR\\\nOM scratch\nLABEL evil=1\n`,
  "content of a heredoc to some": `${begin}ONBUILD RUN <<CMD\n${evil}CMD\n`,
  "content of a heredoc whose end goes on": `${begin}ONBUILD RUN <<x\nLABEL a=b\nFROM scratch AS \\\nx\nLABEL evil=1\n`,
  "a space that is none to some, in front": `${begin}\u0085${evil}`,
  "a variable that only some builders set": `${begin}FROM \${TARGETARCH:-scratch}\nLABEL evil=1\n`,
  "a variable that some builders set to nothing": `${begin}FROM \${TARGETVARIANT:-scratch}\nLABEL evil=1\n`,
  "a stage for another machine": `ARG BASE_IMAGE\nFROM \${BASE_IMAGE} AS arm64\nFROM \${TARGETARCH:-scratch}\nLABEL evil=1\n`,
  "an escape that is a comment to some": `# check=skip=all\n# escape=\`\nARG BASE_IMAGE\n${evil}ENV x a \\\nFROM \${BASE_IMAGE}\n`,
};
