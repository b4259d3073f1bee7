/**
 * A line of COPY's CSV format: null is nothing, an empty string is in quotes (`CopyAttributeOutCSV`,
 * src/backend/commands/copyto.c). Without null it is RFC 4180's, but for the ends of lines.
 */
export function csvLine(row: readonly (string | null)[], isOnlyColumn = false): string {
  const quote = (text: string): string => {
    // alone on its line, \. would end the data
    if (text !== '' && !/[",\n\r]/.test(text) && !(isOnlyColumn && text === '\\.')) return text;
    return `"${text.replaceAll('"', '""')}"`;
  };
  return `${row.map((cell) => (cell === null ? '' : quote(cell))).join(',')}\n`;
}
