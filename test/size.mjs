import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

/** Size budgets of the browser SDK, in bytes of the built files. Fails when one is exceeded. */
const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const folder = path.join(root, 'dist/sdk', version)
const file = (name) => readFileSync(path.join(folder, name))
const gzip = (...names) => names.reduce((sum, name) => sum + gzipSync(file(name), { level: 9 }).length, 0)
const esm = (name) => gzipSync(readFileSync(path.join(root, 'dist/sdk/esm', name)), { level: 9 }).length

if (!existsSync(folder)) {
  console.error('The SDK is not built: npm run build')
  process.exit(1)
}

const budgets = [
  { name: 'inline stub, plain', bytes: file('stub.js').length, limit: 800, aim: 800 },
  { name: 'core, gzip', bytes: gzip('tp.js'), limit: 5 * 1024, aim: 4.4 * 1024 },
  {
    name: 'core and all nudge formats, gzip',
    bytes: gzip('tp.js', 'nudge.js'),
    limit: 16 * 1024,
    aim: 14.5 * 1024,
  },
  { name: 'React wrapper, gzip', bytes: esm('react.js'), limit: 1024, aim: 1024 },
  { name: 'Vue wrapper, gzip', bytes: esm('vue.js'), limit: 1024, aim: 1024 },
]

let failed = 0
for (const { name, bytes, limit, aim } of budgets) {
  const verdict = bytes > limit ? 'TOO LARGE' : bytes > aim ? 'above the aim' : 'ok'
  if (bytes > limit) failed++
  console.log(`${name.padEnd(34)} ${String(bytes).padStart(6)} of ${limit} (aim ${aim}) ${verdict}`)
}
process.exitCode = failed ? 1 : 0
