import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseSync } from 'oxc-parser'
import { analyse } from 'scslre'
import { expect, it } from 'vitest'

/**
 * Every regular expression in the code that strangers reach takes time in proportion to what it reads. scslre finds those that
 * may take the square of it or worse; each of these is named here, with what bounds the text.
 */

const root = join(import.meta.dirname, '../..')
const folders = ['server', 'shared', 'sdk', 'extension']
/** The dashboard and the sample product read what their own user types. */
const apart = ['server/ui/', 'server/demo/']

/** What bounds the text, by file and pattern. */
const bounded: Readonly<Record<string, string>> = {
  'server/environment.ts /\\/+$/': 'set by whoever runs the server',
  'server/environment.ts /^([^<>@]{1,100}<)?[^\\s<>@,;:"]+@[^\\s<>@,;:"]+\\.[^\\s<>@,;:"]+>?$/':
    'set by whoever runs the server',
  'server/cli/api-client.ts /\\/+$/': 'written by whoever calls the command',
  'server/storage/instance-fence.ts /\\?.*$/': 'set by whoever runs the server',
  'server/adapters/render-words.ts /([\\ue100-\\ue1ff])([^\\ue004]*)\\ue004/g':
    'in the thread that writes emails, which has a time limit',
  'server/adapters/render-worker-engine.ts /[ \\t]+$/gm':
    'in the thread that writes emails, which has a time limit',
  'server/locales/korean-particles.ts /([^\\s\\ue000\\ue001])([\\ue000\\ue001”’"]*)(를\\(을\\)|을\\(를\\)|가\\(이\\)|이\\(가\\)|는\\(은\\)|은\\(는\\)|와\\(과\\)|과\\(와\\)|\\(으\\)로)/gu':
    'in the thread that writes emails, which has a time limit',
  'server/http/truncate-ip.ts /(\\d+\\.\\d+\\.\\d+)\\.\\d+$/': 'the address of a connection',
  'server/features/accounts/weak-password.ts /^[^\\p{L}]+|[^\\p{L}]+$/gu':
    'a password has at most 128 characters',
  'server/features/inbound/opt-out.ts /^[\\s,;:–—-]+|[\\s,;:!.。！…–—-]+$/g':
    'short words: longer ones ask for nothing',
  'server/features/inbound/opt-out.ts /\\?+$/': 'short words: longer ones ask for nothing',
  'server/features/lint/lint-sources.ts /\\{[{%]-?([\\s\\S]*?)-?[%}]\\}/g': 'templates that we ship',
  'server/features/lint/lint-subject.ts /^\\s*(re|fwd?|aw|wg|tr|réf?|rv|reenv|enc|tl|trả lời|ctl|chuyển tiếp|답장|회신|전달|رد|إعادة توجيه)\\s*(\\[\\d+\\])?\\s*[:：]/iu':
    'a subject as it was written',
  'server/features/lint/lint-subject.ts / {2,}\\S|\\s[,.](\\s|$)/': 'a subject as it was written',
  'server/features/lint/spamd.ts /^\\s*(-?\\d+\\.\\d+)\\s+([A-Z][A-Z0-9_]+)\\s/gm':
    'the answer of the team’s own SpamAssassin',
  'shared/content/check.ts /\\*\\*|\\[[^\\]]*\\]\\(/': 'words of a block, which have a limit',
  'sdk/tp.ts /[^/]*\\/[^/]*$/': 'the address of our own script',
  'sdk/ui/markup.ts /\\*\\*([^*]+)\\*\\*|\\[([^\\]]+)\\]\\(([^)\\s]+)\\)/g':
    'words of a nudge, which have a limit',
  'extension/person.ts /[^\\s<>]+(?=>?\\s*$)/': 'the last 300 characters',
}

interface Node {
  readonly type?: string
  readonly regex?: { readonly pattern: string; readonly flags: string }
}

function* patternsIn(node: unknown): Generator<{ pattern: string; flags: string }> {
  if (typeof node !== 'object' || node === null) return
  const { type, regex } = node as Node
  if (type === 'Literal' && regex) yield regex
  for (const child of Object.values(node)) yield* patternsIn(child)
}

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !apart.some((folder) => relative(root, file).startsWith(folder))),
)

const slow = (pattern: string, flags: string): boolean =>
  analyse({ source: pattern, flags }, { maxReports: 1 }).reports.length > 0

it('finds what takes the square of the time, or worse', () => {
  expect(slow('a+$', '')).toBe(true)
  expect(slow('^(a*)*b', '')).toBe(true)
  expect(slow('^\\s*a', '')).toBe(false)
})

it('is in the code only where the text is bounded', () => {
  const found = files.flatMap((file) =>
    [...patternsIn(parseSync(file, readFileSync(file, 'utf8')).program)]
      .filter(({ pattern, flags }) => slow(pattern, flags))
      .map(({ pattern, flags }) => `${relative(root, file)} /${pattern}/${flags}`),
  )
  expect([...new Set(found)].sort()).toEqual(Object.keys(bounded).sort())
})
