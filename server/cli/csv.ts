/**
 * One record of RFC 4180, without line breaks inside cells.
 * @throws Error when a quote is not closed.
 */
export function parseCsvLine(line: string): string[] {
  const cells: string[] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y
  while (pattern.lastIndex <= line.length) {
    const match = pattern.exec(line)
    if (!match) throw new Error('a quote is not closed, or stands inside a cell')
    cells.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    if (match[3] === '') return cells
  }
  return cells
}
