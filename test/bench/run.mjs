import { readdirSync } from 'node:fs'
import { arch, cpus, platform, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { tsImport } from 'tsx/esm/api'
import { runAll } from './run-all.mjs'

/** `npm run bench -- <name> [--json]`: runs `test/bench/<name>.ts`, whose `run` answers with a BenchReport. */
const folder = fileURLToPath(new URL('.', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    mongo: { type: 'boolean', default: false },
    people: { type: 'string' },
    seconds: { type: 'string' },
    write: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const [name, ...others] = positionals
const modules = readdirSync(folder).filter((file) => file.endsWith('.ts'))
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${platform()} ${arch()}`,
}

const usage = () =>
  `npm run bench -- <name> [--json]
npm run bench -- all [--only <name>,<name>] [--write <file.md>]

\`all\` prints every measure that DESIGN.md holds us to. With --mongo, ingest measures on the server at MONGODB_URI. With --people N, hold measures with so many; with --seconds N, hostile attacks so long, and with --only in these ways alone.

Files to choose from: ${modules.join(', ')}`
if (values.help || !name || others.length > 0 || (name !== 'all' && !modules.includes(`${name}.ts`))) {
  console.error(usage())
  process.exit(values.help ? 0 : 2)
}
if (name === 'all') {
  const isMet = await runAll({ machine, write: values.write, only: values.only?.split(',') ?? null })
  process.exit(isMet ? 0 : 1)
}
const module = await tsImport(`./${name}.ts`, import.meta.url)
if (typeof module.run !== 'function') {
  console.error(`${name}.ts measures nothing by itself.\n\n${usage()}`)
  process.exit(2)
}

const { rows, checks, rounds = 1 } = await module.run(values)
print()
if (values.json) console.log(JSON.stringify({ bench: name, machine, rounds, rows, checks }))
process.exitCode = checks.every(({ met }) => met) ? 0 : 1

/** With --json the table goes to standard error, for those who read only the last line of the other. */
function print() {
  const say = values.json ? console.error : console.log
  say(`\n${name} on ${machine.cores} × ${machine.cpu}, Node ${machine.node}`)
  const width = Math.max(...[...rows, ...checks].map((each) => each.name.length))
  for (const { name: what, value, unit, min, max } of rows) {
    say(
      `  ${what.padEnd(width)}  ${short(value).padStart(9)} ${unit.padEnd(10)} ${short(min)} … ${short(max)}`,
    )
  }
  for (const { name: what, value, op, target, met } of checks) {
    say(
      `  ${what.padEnd(width)}  ${short(value).padStart(9)} ${op} ${short(target)}  ${met ? 'met' : 'NOT MET'}`,
    )
  }
}

function short(value) {
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)))
}
