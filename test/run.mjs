import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tsImport } from 'tsx/esm/api'

/**
 * `npm test`: everything CI runs, cheapest first, ending at the first stage that fails. Whatever happens, the last
 * lines are a summary and `N passed, N failed, N skipped`.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const reports = join(root, '.cache/test')
const mongoNote = join(reports, 'mongodb.txt')
const totals = { passed: 0, failed: 0, skipped: 0 }
const summary = []

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

const stages = [
  { name: 'types', run: () => node('typescript', 'tsc', '--build') },
  { name: 'lint', run: () => node('@biomejs/biome', 'biome', 'check', '--error-on-warnings') },
  { name: 'unused', run: () => node('knip', 'knip', '--no-progress') },
  { name: 'boundaries', run: () => node('tsx', 'tsx', 'test/boundaries.ts') },
  { name: 'build', run: () => node('rollup', 'rollup', '--config', 'rollup.config.mjs') },
  { name: 'chromium', run: provideChromium },
  { name: 'unit', run: () => vitest('unit') },
  { name: 'storage', run: () => vitest('storage') },
  { name: 'integration', run: () => vitest('integration') },
  { name: 'mongodb', run: () => vitest('mongodb') },
  { name: 'browser', run: () => vitest('browser') },
  { name: 'size', run: () => script('test/size.mjs') },
  { name: 'faults', run: () => script('test/faults/run.mjs', '--quick') },
]

let failed = null
for (const { name, run } of stages) {
  console.log(`\n── ${name}`)
  const startedAt = performance.now()
  const ok = await run()
  summary.push(`${name.padEnd(12)} ${ok ? 'ok    ' : 'FAILED'} ${seconds(performance.now() - startedAt)}`)
  if (ok) continue
  failed = name
  break
}

console.log(`\n${summary.join('\n')}`)
if (failed) console.log(`Ended at ${failed}; what comes after it did not run.`)
console.log(existsSync(mongoNote) ? readFileSync(mongoNote, 'utf8') : 'The database tests did not run.')
// A stage without tests of its own counts as one failure, so the last line never claims success.
if (failed && totals.failed === 0) totals.failed = 1
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`)
process.exitCode = failed ? 1 : 0

function start(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TRIALPACE_MONGODB_NOTE: mongoNote },
  })
  if (error) console.error(error.message)
  return status === 0
}

/** The program `bin` of an installed package, without a shell and without asking npm. */
function node(packageName, bin, ...args) {
  const folder = join(root, 'node_modules', packageName)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin]
  return start(process.execPath, [join(folder, file), ...args])
}

function script(path, ...args) {
  return start(process.execPath, [join(root, path), ...args])
}

function vitest(project) {
  const report = join(reports, `${project}.json`)
  const ok = node(
    'vitest',
    'vitest',
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  )
  if (!existsSync(report)) return false
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report))
  totals.passed += numPassedTests
  totals.failed += numFailedTests
  totals.skipped += numPendingTests + numTodoTests
  return ok
}

/** For the browser tests: the one that is there, else Debian’s. */
async function provideChromium() {
  const { findChromium } = await tsImport('../server/adapters/chromium.ts', import.meta.url)
  const found = findChromium() ?? (installChromium() ? findChromium() : null)
  if (!found) {
    console.error('No Chromium. Install one, or set CHROME_PATH to a Chromium or Chrome program.')
    return false
  }
  console.log(found)
  process.env.CHROME_PATH = found
  return true
}

function installChromium() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false
  console.log('No Chromium found; installing the one of Debian.')
  process.env.DEBIAN_FRONTEND = 'noninteractive'
  start('apt-get', ['update', '-q'])
  return start('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium'])
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1).padStart(6)} s`
}
