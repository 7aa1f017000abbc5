import { readFileSync } from 'node:fs'

const pages = ['board.html', 'inbox.html', 'base.css', 'strip.css', 'board.css', 'inbox.css']

/** Copies what needs no compiling beside the bundles. */
const copied = () => ({
  name: 'copy-demo-pages',
  generateBundle() {
    for (const fileName of pages)
      this.emitFile({
        type: 'asset',
        fileName,
        source: readFileSync(new URL(`./app/${fileName}`, import.meta.url)),
      })
  },
})

/** The sample app and the dev inbox: two pages that share their parts. */
export const demoBuilds = ({ plugins }) => [
  {
    input: { board: 'server/demo/app/board/main.tsx', inbox: 'server/demo/app/inbox/main.tsx' },
    output: { dir: 'dist/demo', format: 'es', chunkFileNames: 'shared-[hash].js' },
    plugins: [...plugins(), copied()],
  },
]
