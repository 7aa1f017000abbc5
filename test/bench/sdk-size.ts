import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { type BenchReport, metAtMost } from './report.ts'

/**
 * Our built files beside the peers’ packages, each bundled and minified by esbuild with an entry that starts it and
 * tracks once. Only what that entry needs at once counts; what a peer fetches later is left out, in its favour. The
 * figures marked "recorded" come from an earlier measurement of programs that cannot be installed here.
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }

const peers: { name: string; entry: string }[] = [
  {
    name: 'posthog-js',
    entry: `import posthog from 'posthog-js'; posthog.init('k', { api_host: '/' }); posthog.capture('x')`,
  },
  {
    name: '@segment/analytics-next',
    entry: `import { AnalyticsBrowser } from '@segment/analytics-next'; AnalyticsBrowser.load({ writeKey: 'k' }).track('x')`,
  },
  {
    name: '@rudderstack/analytics-js',
    entry: `import { RudderAnalytics } from '@rudderstack/analytics-js'; const r = new RudderAnalytics(); r.load('k', '/'); r.track('x')`,
  },
  {
    name: '@snowplow/browser-tracker',
    entry: `import { newTracker, trackPageView } from '@snowplow/browser-tracker'; newTracker('sp', '/', { appId: 'a' }); trackPageView()`,
  },
  {
    name: 'driver.js (tours only)',
    entry: `import { driver } from 'driver.js'; driver().highlight({ element: 'body', popover: { title: 'x' } })`,
  },
]

const recorded: [name: string, bytes: number][] = [
  ['recorded: PostHog surveys.js, fetched later', 49_000],
  ['recorded: Plausible 0.4.6, no persistence, no prompts', 2_585],
  ['recorded: OpenPanel web 1.4.1, no prompts', 2_889],
  ['recorded: Formbricks with surveys bundle', 285_000],
]

const gzipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length
const ours = (name: string): Buffer => readFileSync(path.join(root, 'dist/sdk', version, name))
const row = (name: string, value: number) => ({ name, value, unit: 'bytes', min: value, max: value })

async function bundle(entry: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root, loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2020',
    // Code behind import() goes into files of its own, which are not counted.
    splitting: true,
    outdir: 'out',
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  })
  const start = outputFiles.find(({ path: file }) => path.basename(file) === 'stdin.js')
  if (!start) throw new Error('esbuild wrote no entry')
  const needed = new Map([[start.path, start]])
  for (const file of needed.values())
    for (const [, name = ''] of file.text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
      const found = outputFiles.find(({ path: other }) => path.basename(other) === name)
      if (found) needed.set(found.path, found)
    }
  return [...needed.values()].reduce((sum, { contents }) => sum + gzipped(contents), 0)
}

export async function run(): Promise<BenchReport> {
  const stub = ours('stub.js').length
  const core = gzipped(ours('tp.js'))
  const both = core + gzipped(ours('nudge.js'))
  const rows = [
    row('ours: stub, plain', stub),
    row('ours: core, gzip', core),
    row('ours: core and all nudge formats, gzip', both),
  ]
  for (const { name, entry } of peers) rows.push(row(`${name}, gzip`, await bundle(entry)))
  rows.push(...recorded.map(([name, bytes]) => row(name, bytes)))
  return {
    bench: 'sdk-size',
    rounds: 1,
    rows,
    checks: [
      metAtMost('stub, bytes', stub, 800),
      metAtMost('core, KiB gzip', core / 1024, 5),
      metAtMost('core and nudges, KiB gzip', both / 1024, 16),
    ],
  }
}
