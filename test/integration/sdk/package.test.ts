import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../support/collect-sink.ts'

/** The SDK as someone else installs it: packed, unpacked into an application, type-checked and bundled there. */

const packageDir = path.join(root, 'dist/packages/sdk')
const require = createRequire(import.meta.url)
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc')

let home: string
let packed: string

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'trialpace-package-'))
  const [listing] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', home], {
      cwd: packageDir,
      encoding: 'utf8',
    }),
  ) as [{ filename: string }]
  packed = path.join(home, listing.filename)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** An application with the package and the framework; nothing comes from the network. */
function anApp(name: string, linked: string[], files: Record<string, string>): string {
  const dir = path.join(home, name)
  const modules = path.join(dir, 'node_modules')
  const ours = path.join(modules, '@trialpace/sdk')
  mkdirSync(ours, { recursive: true })
  execFileSync('tar', ['-xzf', packed, '-C', ours, '--strip-components=1'])
  for (const it of linked) {
    mkdirSync(path.dirname(path.join(modules, it)), { recursive: true })
    symlinkSync(path.join(root, 'node_modules', it), path.join(modules, it))
  }
  const tsconfig = {
    compilerOptions: {
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2023', 'dom'],
      jsx: 'react-jsx',
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    },
    include: ['src'],
  }
  const all = {
    'package.json': JSON.stringify({ name, type: 'module', private: true }),
    'tsconfig.json': JSON.stringify(tsconfig),
    'index.html': `<!doctype html><div id="root"></div><script type="module" src="/src/main.${files['src/main.tsx'] ? 'tsx' : 'ts'}"></script>`,
    ...files,
  }
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true })
    writeFileSync(path.join(dir, file), text)
  }
  return dir
}

/** @returns what the compiler says; empty when it accepts all. */
function typeCheck(dir: string): string {
  try {
    return execFileSync(process.execPath, [tsc, '--project', dir], { encoding: 'utf8' })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

async function bundle(dir: string): Promise<string> {
  await build({
    root: dir,
    configFile: false,
    logLevel: 'error',
    esbuild: { jsx: 'automatic' },
    build: { outDir: path.join(dir, 'out') },
  })
  const assets = path.join(dir, 'out/assets')
  return readdirSync(assets)
    .map((file) => readFileSync(path.join(assets, file), 'utf8'))
    .join('\n')
}

const events = `
export interface BoardCreated { template?: string }
export interface Events { 'Board Created': BoardCreated; 'Teammate Invited': undefined }
`

const reactApp = {
  'src/events.ts': events,
  'src/main.tsx': `
import * as React from 'react'
import { createRoot } from 'react-dom/client'
import { typed, type Options, type TrialState } from '@trialpace/sdk'
import { reactHooks } from '@trialpace/sdk/react'
import type { BoardCreated, Events } from './events'

const { useTrialpace, useIdentify, useTrial, trialpace } = reactHooks<Events>(React)
const options: Options = { host: 'https://trials.example.com', plugins: [(event) => event, () => null] }

function App() {
  useTrialpace('pk_x', options)
  useIdentify('ann', { role: 'lead' })
  const trial: TrialState | null = useTrial()
  const board: BoardCreated = { template: 'kanban' }
  return <button onClick={() => trialpace.track('Board Created', board)}>{trial?.segment ?? 'none'}</button>
}
createRoot(document.getElementById('root')!).render(<App />)

const tracker = typed<Events>()
tracker.track('Teammate Invited')
// @ts-expect-error unknown event
tracker.track('Nope')
// @ts-expect-error wrong property
tracker.track('Board Created', { tmpl: 1 })
tracker.on('trial', (state) => state.daysLeft?.toFixed())
tracker.on('nudge:show', ({ nudge }) => nudge.title.trim())
// @ts-expect-error not just anything
tracker.on('nudge:show', ({ nudge }) => nudge.titel)
`,
}

const vueApp = {
  'src/events.ts': events,
  'src/main.ts': `
import * as Vue from 'vue'
import { createApp, defineComponent, h, inject, watch, type Ref } from 'vue'
import { trialpace, type Trialpace, type TrialState } from '@trialpace/sdk'
import { trialpaceVue, vueTrial } from '@trialpace/sdk/vue'

const useTrial = vueTrial(Vue)

const App = defineComponent({
  setup() {
    const trial: Ref<TrialState | null> = useTrial()
    watch(trial, (now) => now?.segment.trim())
    const sdk = inject<Trialpace>('trialpace')!
    return { trial, board: () => sdk.track('Board Created') }
  },
  render() {
    this.$trialpace.track('Drawn', { by: 'Vue' })
    // @ts-expect-error no such method
    this.$trialpace.trakc
    return h('button', { onClick: this.board }, this.trial?.segment ?? 'none')
  },
})
const app = createApp(App)
app.use(trialpaceVue, { writeKey: 'pk_x', host: 'https://trials.example.com' })
// @ts-expect-error the key is needed
app.use(trialpaceVue, { host: 'x' })
app.mount('#root')
trialpace.identify('ann')
`,
}

describe('@trialpace/sdk', () => {
  test('needs nothing else, and says what it is', () => {
    const manifest = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: '@trialpace/sdk', type: 'module', license: 'MIT' })
    expect(manifest.dependencies).toBeUndefined()
    expect(Object.keys(manifest.peerDependencies)).toEqual(['react', 'vue'])
    expect(manifest.peerDependenciesMeta).toEqual({ react: { optional: true }, vue: { optional: true } })
    const files = execFileSync('tar', ['-tzf', packed], { encoding: 'utf8' }).trim().split('\n').sort()
    for (const file of [
      'LICENSE',
      'README.md',
      'index.d.ts',
      'index.js',
      'react.d.ts',
      'react.js',
      'vue.d.ts',
      'vue.js',
    ])
      expect(files).toContain(`package/${file}`)
  })

  test.each([
    ['React 19', ['react', 'react-dom', '@types/react', '@types/react-dom'], reactApp],
    ['Vue 3.5', ['vue'], vueApp],
  ] as const)('is type-checked and bundled by a %s application', async (name, linked, files) => {
    const dir = anApp(name.replace(/\W/g, '-').toLowerCase(), [...linked], files)
    expect(typeCheck(dir)).toBe('')
    const code = await bundle(dir)
    expect(code).toContain('/v1/b')
    expect(code, 'the nudges too, fetched when needed').toContain('[data-trialpace]')
  })
})
