import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const databases = ['sqlite', 'mongodb']
const isOne = values.database === undefined || databases.includes(values.database)
if (values.help || !isOne || (values.quick && values.full)) {
  console.log(
    `npm run faults -- [--quick | --full] [--database sqlite|mongodb] [--json]

--quick (default): a few minutes. --full: 1,000 kills.
--database: on this one alone; the mutants run with SQLite.`,
  )
  process.exit(values.help ? 0 : 2)
}

// Bundled once, the worker with its packages: hundreds of processes start, and none should compile or look up anything.
const root = fileURLToPath(new URL('../..', import.meta.url))
const outdir = `${root}.cache/faults`
const entry = (name, path) => ({ in: `${root}test/${path}`, out: name })
const options = {
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
}
await build({
  ...options,
  entryPoints: [entry('suite', 'faults/suite.ts'), entry('mongo', 'support/mongo.ts')],
  packages: 'external',
})
await build({
  ...options,
  entryPoints: [entry('worker', 'faults/worker.ts')],
  external: ['libsql'],
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
})

const load = (name) => import(pathToFileURL(`${outdir}/${name}.mjs`).href)
const { runSuite } = await load('suite')
const { findMongo, withoutMongo } = await load('mongo')
const say = (line) => (values.json ? process.stderr : process.stdout).write(`${line}\n`)
// The fleet is the built server, as whoever runs it starts it.
if (!existsSync(`${root}dist/server/main.js`)) {
  console.error('Run `npm run build` first.')
  process.exit(2)
}
const isWanted = (database) => (values.database ?? database) === database
const mongo = isWanted('mongodb') ? await findMongo() : null
if (values.database === 'mongodb' && !mongo) {
  console.error(withoutMongo)
  process.exit(2)
}
if (isWanted('mongodb')) say(mongo?.description ?? withoutMongo)
try {
  const { report, passed } = await runSuite({
    root,
    mode: values.full ? 'full' : 'quick',
    workerFile: `${outdir}/worker.mjs`,
    onSqlite: isWanted('sqlite'),
    mongodbUri: mongo?.uri ?? null,
    say,
  })
  if (values.json) console.log(JSON.stringify(report))
  else console.dir(report, { depth: null })
  process.exitCode = passed ? 0 : 1
} finally {
  await mongo?.stop()
}
