import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Workspace } from '../../../../server/domain/workspace.ts'
import { createIdentityTokens } from '../../../../server/features/collect/identity-token.ts'
import { signingExamples } from '../../../../shared/signing-examples.ts'

const secret = 'the identity secret of the examples'
const userId = 'user-42'
const folder = mkdtempSync(join(tmpdir(), 'trialpace-signing-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** How each language that may be installed here runs its example and prints the token. */
const runs: Record<
  string,
  { file: string; main: (code: string) => string; command: (file: string) => [string, string[]] }
> = {
  'Node.js': {
    file: 'sign.mjs',
    main: (code) => `${code}\nconsole.log(identityToken('${userId}', '${secret}'))`,
    command: (file) => ['node', [file]],
  },
  Python: {
    file: 'sign.py',
    main: (code) => `${code}\nprint(identity_token("${userId}", "${secret}"))`,
    command: (file) => ['python3', [file]],
  },
  Ruby: {
    file: 'sign.rb',
    main: (code) => `${code}\nputs identity_token("${userId}", "${secret}")`,
    command: (file) => ['ruby', [file]],
  },
  PHP: {
    file: 'sign.php',
    main: (code) => `<?php\n${code}\necho identity_token('${userId}', '${secret}');`,
    command: (file) => ['php', [file]],
  },
  Go: {
    file: 'sign.go',
    main: (code) =>
      `package main\n${code.replace('import (', 'import (\n\t"fmt"')}\nfunc main() { fmt.Println(identityToken("${userId}", "${secret}")) }`,
    command: (file) => ['go', ['run', file]],
  },
  Java: {
    file: 'Sign.java',
    main: (code) =>
      `${code.replace(/^(import .*\n)+/, (imports) => `${imports}class Sign { public static void main(String[] a) throws Exception { System.out.println(Identity.token("${userId}", "${secret}")); } }\n`)}`,
    command: (file) => ['java', [file]],
  },
}

const isInstalled = (command: string): boolean => {
  try {
    execFileSync('which', [command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const runnable = signingExamples.filter(({ language }) => {
  const run = runs[language]
  return run !== undefined && isInstalled(run.command('')[0])
})

test.each(runnable)(
  'what the $language example signs is believed',
  { timeout: 60_000 },
  async ({ language, code }) => {
    const run = runs[language]!
    const file = join(folder, run.file)
    writeFileSync(file, run.main(code))
    const token = execFileSync(...run.command(file), { encoding: 'utf8', cwd: folder }).trim()
    const tokens = createIdentityTokens([Date.now])
    const workspace = { id: 'main', identitySecret: secret } as Workspace
    expect(await tokens.verify(token, workspace)).toMatchObject({ userId })
    expect(await tokens.faultOf(token, workspace)).toBeNull()
  },
)
