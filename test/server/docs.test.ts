import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const folders = ['.github', 'extension', 'sdk', 'server', 'shared', 'templates', 'test']

/** Everything below the folders of the repository and the files beside them, with forward slashes. */
const paths = new Set([
  ...readdirSync(root),
  ...folders.flatMap((folder) => [
    folder,
    ...readdirSync(join(root, folder), { recursive: true }).map((path) => posix.join(folder, String(path))),
  ]),
])

// The change log tells what was; the cases are kept as they came.
const pages = [...paths].filter(
  (path) =>
    path.endsWith('.md') &&
    path !== 'CHANGELOG.md' &&
    !path.startsWith('test/cases/') &&
    // Words of emails.
    !path.startsWith('templates/gallery/'),
)
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

const isThere = (path: string): boolean => {
  if (!path.includes('*')) return paths.has(path.replace(/\/$/, ''))
  const [before = '', after = ''] = path.split('*')
  return [...paths].some((each) => each.startsWith(before) && each.endsWith(after))
}

/** `a/{b,c}.ts` names two files. */
const expand = (path: string): string[] => {
  const [, before = '', middle, after = ''] = /^(.*?)\{([\w,-]+)\}(.*)$/.exec(path) ?? []
  return middle === undefined ? [path] : middle.split(',').map((each) => `${before}${each}${after}`)
}

const looksLikeFile = /^[\w./*{},-]+\.(?:tsx?|mjs|liquid)$/
const startsInRepository = new RegExp(`^(?:${folders.join('|')})/[\\w./*{},-]+$`)

/** Paths and file names in backticks, outside code blocks; the text of a link is shortened, its target is checked. */
const namedIn = (page: string): string[] =>
  [
    ...textOf(page)
      .replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
      .replaceAll(/\[[^\]\n]*\](?=\()/g, '')
      .matchAll(/`([^`\n]+)`/g),
  ]
    .map(([, text]) => text as string)
    .filter((text) => looksLikeFile.test(text) || startsInRepository.test(text))
    // The reader makes this one.
    .filter((text) => !text.endsWith('/.env'))
    .flatMap(expand)

/** From the root, from the folder of the page, or, for a bare name, anywhere below that folder. */
const resolves = (page: string, name: string): boolean => {
  const folder = dirname(page)
  if (isThere(name) || isThere(posix.join(folder, name))) return true
  return !name.includes('/') && isThere(`${folder}/*/${name}`)
}

describe.each(pages)('%s', (page) => {
  test('names only files that exist', () => {
    expect(namedIn(page).filter((name) => !resolves(page, name))).toEqual([])
  })

  test('links only to files that exist', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)/g)]
    const targets = links.map(([, target]) => posix.join(dirname(page), target as string))
    expect(targets.filter((target) => !target.startsWith('..') && !isThere(target))).toEqual([])
  })

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
    const named = [...textOf(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script as string)
    expect(named.filter((script) => !(script in scripts))).toEqual([])
  })
})

test('the pages are found, and some of them name files', () => {
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.flatMap(namedIn).length).toBeGreaterThan(50)
})
