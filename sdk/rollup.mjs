import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** White space and the last semicolons of the one style sheet, which lies in a template string. */
const smallerStyles = {
  name: 'smaller-styles',
  transform: (code, id) =>
    id.endsWith('ui/styles.ts') ? { code: code.replace(/\n\s*/g, '').replace(/;\}/g, '}'), map: null } : null,
}

/** Declarations of the packages’ entries, as the type check writes them. */
const declarations = {
  name: 'sdk-declarations',
  writeBundle() {
    const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
    execFileSync(process.execPath, [path.join(typescript, 'bin/tsc'), '--build', 'sdk'], { stdio: 'inherit' })
    cpSync('.cache/types/sdk/sdk', 'dist/sdk/types/sdk', { recursive: true })
    cpSync('.cache/types/shared/shared', 'dist/sdk/types/shared', { recursive: true })
  },
}

const entries = { index: 'sdk/index.ts', react: 'sdk/react.ts', vue: 'sdk/vue.ts' }
const packageDir = 'dist/packages/sdk'

/** What `npm publish dist/packages/sdk` publishes: `@trialpace/sdk`, which needs nothing else. */
const standalonePackage = {
  name: 'sdk-package',
  writeBundle({ dir }) {
    mkdirSync(packageDir, { recursive: true })
    for (const file of readdirSync(dir)) copyFileSync(path.join(dir, file), path.join(packageDir, file))
    for (const name of [...Object.keys(entries), 'types']) {
      const declared = readFileSync(`dist/sdk/types/sdk/${name}.d.ts`, 'utf8')
      writeFileSync(
        path.join(packageDir, `${name}.d.ts`),
        declared.replace(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"),
      )
    }
    copyFileSync('LICENSE', path.join(packageDir, 'LICENSE'))
    copyFileSync('sdk/README.md', path.join(packageDir, 'README.md'))
    const { version, license, repository, author } = JSON.parse(readFileSync('package.json', 'utf8'))
    const entry = (name) => ({ types: `./${name}.d.ts`, default: `./${name}.js` })
    const manifest = {
      name: '@trialpace/sdk',
      version,
      description: 'Tracks the moments in which a free trial shows its value, and shows a prompt right then.',
      keywords: ['free trial', 'activation', 'onboarding', 'in-app messages', 'analytics'],
      license,
      author,
      repository: repository && { ...repository, directory: 'sdk' },
      type: 'module',
      sideEffects: false,
      exports: {
        '.': entry('index'),
        './react': entry('react'),
        './vue': entry('vue'),
        './package.json': './package.json',
      },
      peerDependencies: { react: '>=18', vue: '>=3.3' },
      peerDependenciesMeta: { react: { optional: true }, vue: { optional: true } },
    }
    writeFileSync(path.join(packageDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  },
}

/**
 * Script files in a folder per version (and the moving `v1`), the same code for bundlers in `esm`, and the package.
 * @param plugins browserPlugins of the root configuration.
 */
export function sdkBuilds({ version, plugins }) {
  const folder = `dist/sdk/${version}`
  const minified = () => [smallerStyles, ...plugins({}, { mangle: true })]
  const both = (name, format) =>
    [`${folder}/${name}`, `dist/sdk/v1/${name}`].map((file) => ({ file, format }))
  const chunk = (name, input) => ({
    input: { [name]: input },
    output: { dir: folder, format: 'es' },
    plugins: minified(),
  })
  return [
    { input: 'sdk/stub.js', output: both('stub.js', 'es'), plugins: minified() },
    { input: 'sdk/tp.ts', output: both('tp.js', 'iife'), plugins: minified() },
    chunk('nudge', 'sdk/ui/nudge-ui.ts'),
    chunk('debug', 'sdk/debug/debug.ts'),
    {
      input: entries,
      output: { dir: 'dist/sdk/esm', format: 'es', chunkFileNames: '[name].js' },
      plugins: [...minified(), declarations, standalonePackage],
    },
  ]
}
