import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || (values.quick && values.full)) {
  console.log(
    'npm run faults -- [--quick | --full] [--json]\n\n--quick (default): under two minutes. --full: 1,000 kills.',
  )
  process.exit(values.help ? 0 : 2)
}

// Bundled once: hundreds of worker processes start, and none should compile anything.
const root = fileURLToPath(new URL('../..', import.meta.url))
const outdir = `${root}.cache/faults`
await build({
  entryPoints: {
    suite: `${root}test/faults/suite.ts`,
    worker: `${root}test/faults/worker.ts`,
    mongo: `${root}test/faults/find-mongo.ts`,
  },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
})

const load = (name) => import(pathToFileURL(`${outdir}/${name}.mjs`).href)
const { runSuite } = await load('suite')
const { findMongoForFaults } = await load('mongo')
const say = (line) => (values.json ? process.stderr : process.stdout).write(`${line}\n`)
const mongo = await findMongoForFaults()
say(mongo ? `MongoDB: ${mongo.name}` : 'MongoDB: none found, SQLite alone')
try {
  const { report, passed } = await runSuite({
    mode: values.full ? 'full' : 'quick',
    workerFile: `${outdir}/worker.mjs`,
    mongodbUri: mongo?.uri ?? null,
    say,
  })
  console.log(values.json ? JSON.stringify(report) : report)
  process.exitCode = passed ? 0 : 1
} finally {
  await mongo?.close()
}
