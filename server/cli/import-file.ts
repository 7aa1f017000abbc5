import { createReadStream } from 'node:fs'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { csvRows } from '../features/imports/csv-rows.ts'
import { ndjsonRows, type RawRow } from '../features/imports/read-rows.ts'
import { isOldEncoding, oldEncoding, textPieces } from '../features/imports/read-text.ts'
import type { ApiClient } from './api-client.ts'
import { CommandError, createProgress, exitCodes, note } from './output.ts'

/** One upload, imported by the server as a job. */
const uploadRows = 2_000
const uploadChars = 2_000_000
const pollMs = 150

interface Rejected {
  readonly line: number
  readonly why: string
}

interface Upload {
  readonly lines: number[]
  readonly rows: string[]
  chars: number
}

interface Mode {
  readonly quiet: boolean
  /** Only says what would happen. */
  readonly dryRun: boolean
  /** `today` or a day: when new people without a date began. */
  readonly undated?: string | undefined
}

interface ImportAnswer {
  readonly id: string
  readonly imported: number
  readonly created: number
  readonly rehearsal: {
    readonly emailNow: number
    readonly emailWithinDay: number
    readonly undated: number
  } | null
  readonly job: { readonly state: string; readonly error: string | null }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function readFileRows(
  file: string,
): Promise<{ rows: AsyncGenerator<RawRow>; bytesRead: () => number }> {
  const isOld = await isOldEncoding(createReadStream(file))
  if (isOld) note(`${file} is not UTF-8: it is read as ${oldEncoding}. Are the names right?`)
  const stream = createReadStream(file)
  const pieces = textPieces(stream, { isOld })
  const rows = /\.[ct]sv$/i.test(file) ? csvRows(pieces) : ndjsonRows(pieces)
  return { rows, bytesRead: () => stream.bytesRead }
}

interface FileFacts {
  readonly size: number
  readonly mtimeMs: number
}

/**
 * Lines done so far, beside the file until the import is over: one that was interrupted goes on there. A file that was
 * changed meanwhile starts over; importing a person again does no harm.
 */
function createState(file: string, { size, mtimeMs }: FileFacts) {
  const path = `${file}.progress`
  return {
    async read(): Promise<number> {
      try {
        const [line, ...facts] = (await readFile(path, 'utf8')).split(' ').map(Number)
        return facts[0] === size && facts[1] === mtimeMs ? line || 0 : 0
      } catch {
        return 0
      }
    },
    write: (line: number) => writeFile(path, `${line} ${size} ${mtimeMs}`),
    end: () => rm(path, { force: true }),
  }
}

async function send(api: ApiClient, { rows, lines }: Upload, { quiet, dryRun, undated }: Mode) {
  const choice = undated === undefined ? '' : `&undated=${encodeURIComponent(undated)}`
  const path = `/api/imports?format=ndjson&quiet=${quiet}&dryRun=${dryRun}${choice}`
  const started = await api.call('POST', path, {
    raw: { text: rows.join('\n'), type: 'application/x-ndjson' },
  })
  let state = started.body as ImportAnswer
  while (state.job.state === 'queued' || state.job.state === 'running') {
    await pause(pollMs)
    state = (await api.call('GET', `/api/imports/${state.id}`)).body as ImportAnswer
  }
  if (state.job.state !== 'done')
    throw new CommandError(
      `The server stopped the import: ${state.job.error ?? state.job.state}`,
      exitCodes.failed,
    )
  const { body } = await api.call('GET', `/api/imports/${state.id}/rejected`)
  return {
    imported: state.imported,
    created: state.created,
    emailNow: state.rehearsal?.emailNow ?? 0,
    emailWithinDay: state.rehearsal?.emailWithinDay ?? 0,
    undated: state.rehearsal?.undated ?? 0,
    rejected: (body as { rows: Rejected[] }).rows.map(({ line, why }) => ({
      line: lines[line - 1] ?? line,
      why,
    })),
  }
}

export async function importFile(
  file: string,
  api: ApiClient,
  { restart, ...mode }: Mode & { readonly restart: boolean },
) {
  const found = await stat(file).catch(() => null)
  if (!found) throw new CommandError(`${file} does not exist.`, exitCodes.usage)
  const state = createState(file, found)
  const from = restart || mode.dryRun ? 0 : await state.read()
  if (from > 0) note(`Continuing after line ${from}; --restart starts over.`)
  const progress = createProgress('import', found.size)
  const rejected: Rejected[] = []
  const sums = { imported: 0, created: 0, emailNow: 0, emailWithinDay: 0, undated: 0 }
  const { rows, bytesRead } = await readFileRows(file)
  let last = from
  let upload: Upload = { lines: [], rows: [], chars: 0 }
  const flush = async () => {
    if (upload.rows.length > 0) {
      const { rejected: refused, ...done } = await send(api, upload, mode)
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += done[name]
      rejected.push(...refused)
    }
    upload = { lines: [], rows: [], chars: 0 }
    if (!mode.dryRun) await state.write(last)
    progress.step(bytesRead())
  }
  for await (const row of rows) {
    if (row.line <= from) continue
    last = row.line
    if ('why' in row) {
      rejected.push({ line: row.line, why: row.why })
      continue
    }
    const text = JSON.stringify(row.body)
    upload.rows.push(text)
    upload.lines.push(row.line)
    upload.chars += text.length
    if (upload.rows.length >= uploadRows || upload.chars >= uploadChars) await flush()
  }
  await flush()
  if (!mode.dryRun) await state.end()
  progress.end(bytesRead())
  return { ...sums, dryRun: mode.dryRun, rejected: rejected.sort((a, b) => a.line - b.line), lastLine: last }
}
