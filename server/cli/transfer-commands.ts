import { createReadStream } from 'node:fs'
import { open, readFile, stat, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { type ApiClient, type ApiOptions, createApiClient } from './api-client.ts'
import { parseCsvLine } from './csv.ts'
import { CommandError, createProgress, exitCodes, note, print } from './output.ts'

const withApi = (command: Command): Command =>
  command
    .option('--url <url>', 'server (default: TRIALPACE_URL, else http://127.0.0.1:PORT)')
    .option('--key <key>', 'secret key (default: TRIALPACE_SECRET_KEY)')
    .option('--json', 'one JSON object on stdout')

type Options = ApiOptions & { json?: boolean }

interface Row {
  readonly line: number
  readonly userId: string
  readonly body: Record<string, unknown>
}

const plainColumns = new Set(['email', 'name', 'locale', 'timeZone', 'company', 'plan'])

/** `trial.endsAt` and `consent.mail` nest, `traits.x` and unknown columns become traits; empty cells are left out. */
function rowOfCells(columns: readonly string[], cells: readonly string[], line: number): Row {
  const body: Record<string, unknown> = {}
  const into = (group: string, name: string, value: unknown) => {
    body[group] = { ...(body[group] as object | undefined), [name]: value }
  }
  let userId = ''
  columns.forEach((column, index) => {
    const cell = cells[index]?.trim() ?? ''
    if (cell === '') return
    const [group, name] = column.split('.', 2)
    if (column === 'userId') userId = cell
    else if (plainColumns.has(column)) body[column] = cell
    else if (group === 'trial' && name) into('trial', name, cell)
    else if (group === 'consent' && name) into('consent', name, cell === 'true')
    else into('traits', group === 'traits' && name ? name : column, cell)
  })
  return { line, userId, body }
}

function rowOfJson(text: string, line: number): Row {
  const { userId, ...body } = JSON.parse(text) as { userId?: unknown } & Record<string, unknown>
  return { line, userId: typeof userId === 'string' ? userId : '', body }
}

async function* readRows(file: string, csv: boolean): AsyncGenerator<Row | { line: number; fault: string }> {
  let line = 0
  let columns: string[] | null = null
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++
    if (text.trim() === '') continue
    try {
      if (!csv) yield rowOfJson(text, line)
      else if (columns) yield rowOfCells(columns, parseCsvLine(text), line)
      else columns = parseCsvLine(text.replace(/^\uFEFF/, '')).map((name) => name.trim())
    } catch (error) {
      yield { line, fault: error instanceof Error ? error.message : String(error) }
    }
  }
}

/** Lines done so far, beside the file: a repeated import goes on there. A PUT repeated does no harm. */
async function readState(file: string): Promise<number> {
  try {
    return Number(await readFile(`${file}.progress`, 'utf8')) || 0
  } catch {
    return 0
  }
}

async function importFile(file: string, api: ApiClient, restart: boolean) {
  const csv = /\.csv$/i.test(file)
  const total = await countLines(file)
  const from = restart ? 0 : await readState(file)
  if (from > 0) note(`Going on after line ${from}; --restart begins anew.`)
  const progress = createProgress('import', total)
  const rejected: { line: number; why: string }[] = []
  let imported = 0
  let last = from
  for await (const row of readRows(file, csv)) {
    if (row.line <= from) continue
    const fault = 'fault' in row ? row.fault : row.userId === '' ? 'userId is missing' : await put(api, row)
    if (fault === null) imported++
    else rejected.push({ line: row.line, why: fault })
    last = row.line
    if (imported % 50 === 0) await writeFile(`${file}.progress`, String(last))
    progress.step(last)
  }
  progress.end(last)
  await writeFile(`${file}.progress`, String(last))
  return { imported, rejected, lastLine: last }
}

/** @returns null, or why the server refused this row. */
async function put(api: ApiClient, { userId, body }: Row): Promise<string | null> {
  try {
    await api.call('PUT', `/api/trialists/${encodeURIComponent(userId)}`, { body })
    return null
  } catch (error) {
    if (error instanceof CommandError && !/cannot be reached|No valid key|database/.test(error.message))
      return error.message.replaceAll('\n', ' ')
    throw error
  }
}

async function countLines(file: string): Promise<number> {
  if (!(await stat(file).catch(() => null)))
    throw new CommandError(`${file} does not exist.`, exitCodes.usage)
  let lines = 0
  for await (const _ of createInterface({ input: createReadStream(file) })) lines++
  return lines
}

export function addTransferCommands(program: Command): void {
  withApi(
    program
      .command('import')
      .description('make or change trialists from a .csv or .ndjson file; goes on where it was interrupted'),
  )
    .argument('<file>', 'columns or fields: userId, email, name, company, timeZone, trial.endsAt, traits.x …')
    .option('--restart', 'begin with the first line again')
    .action(async (file: string, options: Options & { restart?: boolean }) => {
      const result = await importFile(file, createApiClient(options), options.restart === true)
      print(options.json === true, result, () =>
        [
          `${result.imported} imported, ${result.rejected.length} refused.`,
          ...result.rejected.slice(0, 50).map(({ line, why }) => `  line ${line}: ${why}`),
        ].join('\n'),
      )
      if (result.rejected.length > 0) process.exitCode = exitCodes.findings
    })

  withApi(program.command('export').description('write every trialist as NDJSON'))
    .argument('<file>', '- for stdout')
    .option('--segment <segment>', 'only this segment')
    .action(async (file: string, options: Options & { segment?: string }) => {
      const written = await exportFile(file, createApiClient(options), options.segment)
      if (file === '-') note(`${written} trialists.`)
      else print(options.json === true, { written, file }, () => `${written} trialists are in ${file}.`)
    })
}

async function exportFile(file: string, api: ApiClient, segment: string | undefined): Promise<number> {
  const out = file === '-' ? null : await open(file, 'w', 0o600)
  const progress = createProgress('export', null)
  let written = 0
  try {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ limit: '200', sort: 'createdAt' })
      if (segment) query.set('segment', segment)
      if (cursor) query.set('cursor', cursor)
      const { body } = await api.call('GET', `/api/trialists?${query}`)
      const page = body as { trialists: unknown[]; cursor: string | null }
      const text = page.trialists.map((trialist) => `${JSON.stringify(trialist)}\n`).join('')
      if (out) await out.write(text)
      else process.stdout.write(text)
      written += page.trialists.length
      cursor = page.cursor
      progress.step(written)
    }
  } finally {
    await out?.close()
  }
  progress.end(written)
  return written
}
