import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
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

/**
 * Script files in a folder per version (and the moving `v1`), and the same code for bundlers in `esm`.
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
      input: { index: 'sdk/index.ts', react: 'sdk/react.ts', vue: 'sdk/vue.ts' },
      output: { dir: 'dist/sdk/esm', format: 'es', chunkFileNames: '[name].js' },
      plugins: [...minified(), declarations],
    },
  ]
}
