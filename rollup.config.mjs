import { builtinModules, createRequire } from 'node:module'
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import nodeResolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import esbuild from 'rollup-plugin-esbuild'
import { extensionBuilds } from './extension/rollup.mjs'
import { sdkBuilds } from './sdk/rollup.mjs'
import { demoBuilds } from './server/demo/rollup.mjs'
import { uiBuilds } from './server/ui/rollup.mjs'

const { dependencies, version } = createRequire(import.meta.url)('./package.json')

const typescript = (target) =>
  esbuild({
    target,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { __VERSION__: JSON.stringify(version) },
  })
/** Loaded when somebody asks for pictures, and missed with a word about it. */
const optional = ['puppeteer-core']
const isInstalled = (id) =>
  id.startsWith('node:') ||
  builtinModules.includes(id) ||
  [...Object.keys(dependencies), ...optional].some((name) => id === name || id.startsWith(`${name}/`))

/** Server: our own code bundled, packages left to node_modules. */
const server = {
  input: {
    main: 'server/main.ts',
    cli: 'server/cli.ts',
    demo: 'server/demo/main.ts',
    'render-worker': 'server/adapters/render-worker.ts',
    'read-worker': 'server/features/inbound/read-worker.ts',
    'checkpoint-worker': 'server/storage/sqlite/checkpoint-worker.ts',
  },
  output: {
    dir: 'dist/server',
    format: 'es',
    sourcemap: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
    banner: (chunk) => (chunk.name === 'cli' ? '#!/usr/bin/env node' : ''),
  },
  external: isInstalled,
  plugins: [nodeResolve({ exportConditions: ['node'] }), json(), typescript('node20')],
}

/**
 * Minified browser code; `constants` are put in as if typed. `mangle` shortens `_names` too: only for code whose
 * chunks share none, because each chunk is minified by itself.
 */
export const browserPlugins = (constants = {}, { mangle = false } = {}) => [
  nodeResolve({ browser: true, exportConditions: ['production'] }),
  commonjs(),
  esbuild({
    target: 'es2020',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { __VERSION__: JSON.stringify(version), 'process.env.NODE_ENV': '"production"', ...constants },
  }),
  terser({
    ecma: 2020,
    module: true,
    ...(mangle ? { compress: { passes: 3 }, mangle: { properties: { regex: /^_/ } } } : {}),
  }),
]

export default [
  server,
  ...sdkBuilds({ version, plugins: browserPlugins }),
  ...extensionBuilds({ version, plugins: browserPlugins }),
  ...demoBuilds({ plugins: browserPlugins }),
  ...uiBuilds({ plugins: browserPlugins }),
]
