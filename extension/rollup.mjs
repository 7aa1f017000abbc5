import { readFile, rm } from 'node:fs/promises'
import { transform } from 'esbuild'
import { zipSync } from 'fflate'

/**
 * Builds of the Gmail companion under dist/extension: `chrome` and `firefox` to install, each with its zip, and
 * `test` (open shadow root, loopback servers without a prompt) for the browser suite.
 */

const sizes = [16, 32, 48, 128]
const page = (name, title) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width"><body><script type="module" src="${name}.js"></script></body></html>\n`

/** manifest.ts and the key are TypeScript; the configuration is not. */
async function importTypescript(path) {
  const { code } = await transform(await readFile(path, 'utf8'), { loader: 'ts', format: 'esm' })
  return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)
}

const files = ({ dir, target, version, test }) => ({
  name: 'extension-files',
  /** Chunks of an earlier build have other names: they must not end up in the zip. */
  buildStart: () => rm(dir, { recursive: true, force: true }),
  async generateBundle() {
    const { manifest } = await importTypescript('extension/manifest.ts')
    const { extensionKey } = await importTypescript('shared/extension-id.ts')
    const hosts = test ? ['http://127.0.0.1/*', 'http://localhost/*'] : undefined
    const emit = (fileName, source) => this.emitFile({ type: 'asset', fileName, source })
    emit('manifest.json', JSON.stringify(manifest({ target, version, key: extensionKey, hosts }), null, 2))
    emit('panel.html', page('panel', 'Trialpace'))
    emit('options.html', page('options', 'Trialpace settings'))
    for (const size of sizes) emit(`icons/${size}.png`, await readFile(`extension/icons/${size}.png`))
  },
})

/** Written beside the folder, from what the two builds of a target put into it. */
const zip = (dir) => ({
  name: 'extension-zip',
  async writeBundle() {
    const { readdir, writeFile } = await import('node:fs/promises')
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    const content = {}
    for (const entry of entries
      .filter((candidate) => candidate.isFile())
      .sort((a, b) => a.name.localeCompare(b.name))) {
      const path = `${entry.parentPath}/${entry.name}`
      // A fixed time stamp: the same source gives the same zip.
      content[path.slice(dir.length + 1)] = [await readFile(path), { mtime: '2026-01-01T00:00:00Z' }]
    }
    await writeFile(`${dir}.zip`, zipSync(content, { level: 9 }))
  },
})

/** @param plugins of a minified browser build, given the constants to put in. */
export function extensionBuilds({ version, plugins }) {
  const build = (name, target, test) => {
    const dir = `dist/extension/${name}`
    const constants = { __SHADOW_MODE__: JSON.stringify(test ? 'open' : 'closed') }
    return [
      {
        input: {
          background: 'extension/background.ts',
          panel: 'extension/panel.tsx',
          options: 'extension/options.tsx',
        },
        output: { dir, format: 'es', chunkFileNames: 'shared-[hash].js' },
        plugins: [...plugins(constants), files({ dir, target, version, test })],
      },
      // A content script is no module: one file of its own.
      {
        input: { gmail: 'extension/gmail.tsx' },
        output: { dir, format: 'iife', inlineDynamicImports: true },
        plugins: [...plugins(constants), ...(test ? [] : [zip(dir)])],
      },
    ]
  }
  return [
    ...build('chrome', 'chrome', false),
    ...build('firefox', 'firefox', false),
    ...build('test', 'chrome', true),
  ]
}
