// `npm run demo`: builds what is missing or older than its source, then starts the demo from dist/.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sources = ['sdk', 'server', 'shared', 'templates', 'rollup.config.mjs', 'package.json']
/** One product of each part: when all are newer than every source, so is the rest. */
const products = ['dist/server/demo.js', 'dist/sdk/v1/tp.js', 'dist/demo/board.js', 'dist/ui/index.html']

const newest = (path) => {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function staleness() {
  const missing = products.find((path) => !existsSync(join(root, path)))
  if (missing) return `${missing} is missing`
  const builtAt = Math.min(...products.map((path) => statSync(join(root, path)).mtimeMs))
  const changed = sources
    .filter((path) => existsSync(join(root, path)))
    .find((path) => newest(join(root, path)) > builtAt)
  return changed ? `${changed} has changed` : null
}

const targetOf = ({ output }) => {
  const { dir, file } = [output].flat()[0]
  return relative(root, dir ?? file ?? 'dist')
}

async function build(why) {
  console.log(`Building, because ${why} …`)
  process.chdir(root)
  const { rollup } = await import('rollup')
  const { loadConfigFile } = await import('rollup/loadConfigFile')
  const { options, warnings } = await loadConfigFile(join(root, 'rollup.config.mjs'), { silent: true })
  // The Gmail extension is no part of the demo.
  const wanted = options.filter((one) => !targetOf({ output: one.output }).startsWith('dist/extension'))
  const startedAt = performance.now()
  for (const [index, one] of wanted.entries()) {
    console.log(`  ${index + 1}/${wanted.length} ${targetOf(one)}`)
    const bundle = await rollup(one)
    for (const output of one.output) await bundle.write(output)
    await bundle.close()
  }
  warnings.flush()
  console.log(`Built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`)
}

const lock = join(root, '.cache', 'demo-build.pid')

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Of several demos started at once one builds, the others wait for it. */
async function buildWhenStale() {
  mkdirSync(join(root, '.cache'), { recursive: true })
  for (let why = staleness(); why; why = staleness()) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
    } catch {
      if (!isAlive(Number(existsSync(lock) ? readFileSync(lock, 'utf8') : 0))) rmSync(lock, { force: true })
      await sleep(200)
      continue
    }
    try {
      return await build(why)
    } finally {
      rmSync(lock, { force: true })
    }
  }
}

try {
  const args = process.argv.slice(2)
  // For tests, which build once before they start many.
  if (!args.includes('--no-build')) await buildWhenStale()
  const { main } = await import(pathToFileURL(join(root, 'dist/server/demo.js')).href)
  await main(args.filter((arg) => arg !== '--no-build'))
} catch (error) {
  console.error(`The demo cannot start: ${error.message}`)
  process.exit(1)
}
