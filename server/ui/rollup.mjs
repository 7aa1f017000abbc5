import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8')

/** What all pages share; rules of the same weight: the later sheet wins, so narrow screens come after the parts. */
const sharedSheets = [
  'style.css',
  'layout.css',
  'forms.css',
  'tables.css',
  'trialist.css',
  'login.css',
  'parts.css',
  'narrow.css',
  'tiles.css',
]

/** One sheet: what all pages share, then what belongs to one. */
const styleSheet = () => {
  const ofOnePage = readdirSync(new URL('./styles/', import.meta.url))
    .filter((name) => name.endsWith('.css') && !sharedSheets.includes(name))
    .sort()
  return [...sharedSheets, ...ofOnePage].map((name) => read(`./styles/${name}`)).join('\n')
}

/** The page names its script and style by their hashed files, so that both may be cached for ever. */
const page = () => ({
  name: 'dashboard-page',
  generateBundle(_options, bundle) {
    const style = styleSheet()
    const styleName = `assets/app-${createHash('sha256').update(style).digest('hex').slice(0, 8)}.css`
    const script = Object.values(bundle).find((chunk) => chunk.type === 'chunk' && chunk.isEntry)
    const html = read('./index.html').replace('__STYLE__', styleName).replace('__SCRIPT__', script.fileName)
    this.emitFile({ type: 'asset', fileName: styleName, source: style })
    this.emitFile({ type: 'asset', fileName: 'icon.svg', source: read('./icon.svg') })
    this.emitFile({ type: 'asset', fileName: 'index.html', source: html })
  },
})

/** The dashboard. */
export const uiBuilds = ({ plugins }) => [
  {
    input: 'server/ui/main.tsx',
    output: {
      dir: 'dist/ui',
      format: 'es',
      entryFileNames: 'assets/app-[hash].js',
      chunkFileNames: 'assets/[name]-[hash].js',
    },
    plugins: [...plugins(), page()],
  },
]
