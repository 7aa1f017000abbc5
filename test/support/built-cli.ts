import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

const root = join(import.meta.dirname, '../..')

/** @param outdir of its own for each test file, below `.cache`. */
export const buildCli = (outdir: string, entryPoints: BuildOptions['entryPoints'] & object) =>
  build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  })

/** @param env all that the process has beside PATH. */
export const runCli = (outdir: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [join(outdir, 'cli.js'), ...args],
      { cwd: root, env: { PATH: process.env.PATH ?? '', ...env }, maxBuffer: 1e8 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })

/** What stands on the last line. */
export const lastJson = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
