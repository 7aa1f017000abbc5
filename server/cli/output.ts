import { stderr, stdout } from 'node:process'

/** Exit codes: 0 done, 1 it did not work out, 2 wrong use or settings, 3 done with findings (lint, doctor, audit). */
export const exitCodes = { done: 0, failed: 1, usage: 2, findings: 3 } as const

/** Ends the command with a message and no stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Data goes to stdout, with `--json` as one object on its last line; everything else goes to stderr. */
export function print(json: boolean, data: unknown, human: () => string): void {
  const text = json ? JSON.stringify(data) : human()
  if (text !== '') stdout.write(`${text}\n`)
}

export const note = (text: string): void => void stderr.write(`${text}\n`)

/** A bar on a terminal, a line now and then in a log. */
export function createProgress(label: string, total: number | null) {
  const width = 24
  let shownAt = 0
  const show = (done: number, isLast: boolean) => {
    const interval = stderr.isTTY ? 100 : 2000
    if (!isLast && performance.now() - shownAt < interval) return
    shownAt = performance.now()
    const share = total ? Math.min(done / total, 1) : 0
    const filled = Math.round(share * width)
    const bar = total ? `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${total}` : `${done}`
    stderr.write(stderr.isTTY ? `\r${label} ${bar}${isLast ? '\n' : ''}` : `${label} ${bar}\n`)
  }
  return { step: (done: number) => show(done, false), end: (done: number) => show(done, true) }
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
