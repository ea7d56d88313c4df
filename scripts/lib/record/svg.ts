/** A film as an SVG that plays by itself, without a script. Where nothing plays, it shows the last picture. */
import type { Film, Run, Stretch } from "./film.ts";

const cell = { width: 8.4, height: 18 };
const margin = 16;
const bar = 28;

/** `title` says to those who cannot see it what it shows. */
export function renderSvg(film: Film, title: string): string {
  const width = Math.ceil(film.columns * cell.width + 2 * margin);
  const height = film.rows * cell.height + 2 * margin + bar;
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map(
    (color, index) => `<circle cx="${margin + 6 + index * 18}" cy="${margin + 2}" r="5.5" fill="${color}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xml:space="preserve" role="img">`,
    `<title>${escape(title)}</title>`,
    "<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#e6edf3;white-space:pre}.b{font-weight:700}.d{opacity:.6}</style>",
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    `<rect width="0" height="0"><animate id="t" attributeName="width" from="0" to="0" begin="0s;t.end" dur="${seconds(film.seconds)}"/></rect>`,
    ...lights,
    `<g transform="translate(${margin} ${margin + bar})">`,
    ...film.stretches.map((one) => renderStretch(one, film.seconds)),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function renderStretch({ row, runs, from, to }: Stretch, end: number): string {
  const isLast = to >= end;
  const switches = isLast
    ? `<set attributeName="visibility" to="hidden" begin="t.begin" dur="${seconds(Math.max(from, 0.001))}"/>`
    : `<set attributeName="visibility" to="visible" begin="t.begin+${seconds(from)}" dur="${seconds(to - from)}"/>`;
  const content = runs.map((run) => renderRun(run, row)).join("");
  return `<g${isLast ? "" : ' visibility="hidden"'}>${switches}${content}</g>`;
}

function renderRun({ column, columns, text, color, background, isBold, isDim }: Run, row: number): string {
  const x = round(column * cell.width);
  const width = round(columns * cell.width);
  const behind = background
    ? `<rect x="${x}" y="${row * cell.height}" width="${width}" height="${cell.height}" style="fill:${background}"/>`
    : "";
  if (text.trim() === "") return behind;
  const classes = [...(isBold ? ["b"] : []), ...(isDim ? ["d"] : [])].join(" ");
  const attributes = [
    `x="${x}"`,
    `y="${row * cell.height + 13}"`,
    // Whatever the font, a column is a column
    `textLength="${width}"`,
    'lengthAdjust="spacingAndGlyphs"',
    ...(classes ? [`class="${classes}"`] : []),
    ...(color ? [`style="fill:${color}"`] : []),
  ];
  return `${behind}<text ${attributes.join(" ")}>${escape(text)}</text>`;
}

function seconds(value: number): string {
  return `${round(value, 1000)}s`;
}

function round(value: number, unit = 100): number {
  return Math.round(value * unit) / unit;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
