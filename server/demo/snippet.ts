import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package-root.ts'

/**
 * What a customer pastes into the head of a page: the stub, which keeps early calls, a way to prove who is signed
 * in, and the script itself.
 */
export function snippetFor({ writeKey, publicUrl }: { writeKey: string; publicUrl: string }): string {
  const stub = readFileSync(join(packageRoot, 'dist', 'sdk', 'v1', 'stub.js'), 'utf8').trim()
  const identity = `() => fetch('/demo/api/app/identity').then((answer) => answer.text())`
  return [
    `<script>${stub}</script>`,
    `<script>trialpace.load('${writeKey}', { host: '${publicUrl}', identity: ${identity} })</script>`,
    `<script async src="${publicUrl}/sdk/v1/tp.js" data-key="${writeKey}" data-host="${publicUrl}"></script>`,
  ].join('\n    ')
}
