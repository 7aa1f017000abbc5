import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

/**
 * Every measure of DESIGN.md §7. `checks` are patterns of the names that the benchmark gives its checks; a measure
 * without a benchmark says what shows it instead.
 */
const measures = [
  { what: 'SDK core and all formats', bench: 'sdk-size' },
  { what: 'aha event → nudge painted', bench: 'nudge' },
  { what: 'collect', bench: 'collect' },
  { what: 'durable ingest on SQLite', bench: 'ingest' },
  { what: 'memory, idle and after a flood', bench: 'memory' },
  { what: 'scoring', bench: 'score' },
  { what: 'dashboard lists and what else may be long', bench: 'hold' },
  { what: 'dashboard lists beside collect', bench: 'lists' },
  { what: 'impact preview, back-test', shownBy: 'no benchmark yet' },
  { what: 'import', bench: 'import' },
  { what: 'due scan in 1M trials', bench: 'due' },
  { what: 'emails written', bench: 'render' },
  { what: 'emails handed over', bench: 'send' },
  { what: 'Gmail companion', bench: 'extension' },
  { what: 'hostile half hour', bench: 'hostile' },
  { what: 'MongoDB ingest', bench: 'ingest', args: ['--mongo'], needs: 'MONGODB_URI' },
  { what: 'kill −9 at every step; acknowledged events; extension races', shownBy: 'npm run faults' },
  { what: 'preflights, requests before the first event', shownBy: 'test/e2e' },
  { what: 'fuzz', shownBy: 'test/integration/api/fuzz.test.ts' },
  { what: 'local-time decisions', shownBy: 'test/server/domain/time' },
  { what: 'axe violations', shownBy: 'test/e2e' },
]
const folder = fileURLToPath(new URL('.', import.meta.url))

/** One after the other, each in a process of its own. @returns whether all that was measured is met. */
export async function runAll({ machine, write, only }) {
  const rows = []
  const loadBefore = loadavg()[2] ?? 0
  for (const measure of measures) {
    if (only && !only.includes(measure.bench)) continue
    rows.push(...(await rowsOf(measure)))
  }
  const load = [loadBefore, loadavg()[2] ?? 0].map((mean) => mean.toFixed(1)).join(' → ')
  const about = `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}. Load (mean of 15 minutes, before → after): ${load}.`
  const text = `${about}\n\n${markdownTable([['measure', 'check', 'figure', 'target', ''], ...rows])}\n`
  console.log(text)
  if (write) writeFileSync(write, text)
  return rows.every(([, , , , verdict]) => verdict !== 'NOT MET' && verdict !== 'failed')
}

async function rowsOf({ what, bench, args = [], needs, shownBy }) {
  if (shownBy) return [[what, '', '', '', `\`${shownBy}\``]]
  if (needs && !process.env[needs]) return [[what, '', '', '', `not measured: set ${needs}`]]
  console.error(`${bench} …`)
  const report = await reportOf(bench, args)
  if (!report) return [[what, '', '', '', 'failed']]
  return report.checks.map(({ name, value, op, target, met }) => [
    what,
    name,
    short(value),
    `${op === '<=' ? '≤' : '≥'} ${short(target)}`,
    met ? 'met' : 'NOT MET',
  ])
}

/** @returns null when it measured nothing. */
function reportOf(bench, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`${folder}run.mjs`, bench, '--json', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    child.on('close', () => {
      try {
        resolve(JSON.parse(said.trim().split('\n').at(-1)))
      } catch {
        resolve(null)
      }
    })
  })
}

function markdownTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...row[column]].length)))
  const line = (row) =>
    `| ${row.map((cell, column) => cell + ' '.repeat(widths[column] - [...cell].length)).join(' | ')} |`
  const [head, ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

const short = (value) =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
