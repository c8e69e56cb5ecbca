/** A Markdown table; bars in cells are escaped. */
export function writeTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows].map(writeRow).join('\n');
}

function writeRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** The line that tells readers where a page comes from. */
export function generatedFrom(source: string): string {
  return `Generated from \`${source}\` by \`npm run docs\`.`;
}
