import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import {
  isEmailFile,
  type PlacedFault,
  playbookFile,
  writePlaybookFolder,
} from '../../shared/content/playbook-folder.ts'

/** A folder of a playbook on the disk. */

const mostBytes = 5 * 1024 * 1024

/** One that is there, or a name that can be no file’s. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return path.endsWith('/') || extname(path) === ''
  }
}

async function emailFilesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(join(folder, 'emails'))).map((name) => `emails/${name}`).filter(isEmailFile)
  } catch {
    return []
  }
}

/** @throws the error of reading; a file that is not there is left out. */
export async function readFolder(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const path of [playbookFile, ...(await emailFilesIn(folder)).toSorted()]) {
    const file = join(folder, path)
    const found = await stat(file).catch(() => null)
    if (!found?.isFile()) continue
    if (found.size > mostBytes) throw new Error(`${file} is larger than ${mostBytes / 1024 / 1024} MB.`)
    files.set(path, await readFile(file, 'utf8'))
  }
  return files
}

/** Emails that the playbook has no more lose their files. @returns what was written and what was removed */
export async function writeFolder(
  folder: string,
  playbook: object,
): Promise<{ readonly written: readonly string[]; readonly removed: readonly string[] }> {
  const files = writePlaybookFolder(playbook)
  await mkdir(join(folder, 'emails'), { recursive: true })
  const removed = (await emailFilesIn(folder)).filter((path) => !files.has(path))
  for (const [path, text] of files) await writeFile(join(folder, path), text)
  for (const path of removed) await rm(join(folder, path))
  return { written: [...files.keys()], removed }
}

export const faultText = (folder: string, { file, line, detail }: PlacedFault): string =>
  `${join(folder, file)}${line === null ? '' : `:${line}`}: ${detail}`
