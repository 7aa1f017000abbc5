import { readFile } from 'node:fs/promises'
import { type PlacedFault, readPlaybookFolder } from '../../shared/content/playbook-folder.ts'
import { type Playbook, playbookSchema } from '../../shared/playbook.ts'
import { faultsOf } from '../http/parse-request.ts'
import { CommandError, exitCodes } from './output.ts'
import { faultText, isFolder, readFolder } from './playbook-folder.ts'

interface ReadPlaybook {
  /** As it is in the file. */
  readonly written: unknown
  /** With every default filled in. */
  readonly playbook: Playbook
}

/**
 * @param path a file, or a folder as `pull` writes it.
 * @throws CommandError when it is missing, no JSON or no playbook; every fault is named, with its file and line where
 * it is in the words of an email.
 */
export async function readPlaybook(path: string): Promise<ReadPlaybook> {
  return (await isFolder(path)) ? readPlaybookIn(path) : readPlaybookFile(path)
}

async function readPlaybookIn(folder: string): Promise<ReadPlaybook> {
  const refuse = (faults: readonly PlacedFault[]) =>
    new CommandError(faults.map((fault) => faultText(folder, fault)).join('\n'), exitCodes.findings)
  const read = readPlaybookFolder(await readFolder(folder))
  if (!read.ok) throw refuse(read.faults)
  const checked = playbookSchema.safeParse(read.playbook)
  if (!checked.success) throw refuse(faultsOf(checked.error).map(read.placeOf))
  return { written: read.playbook, playbook: checked.data }
}

async function readPlaybookFile(file: string): Promise<ReadPlaybook> {
  let written: unknown
  try {
    written = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new CommandError(
      `${file}: ${error instanceof Error ? error.message : String(error)}`,
      exitCodes.usage,
    )
  }
  const checked = playbookSchema.safeParse(written)
  if (checked.success) return { written, playbook: checked.data }
  const faults = faultsOf(checked.error).map((fault) => `  ${fault.pointer || '/'}  ${fault.detail}`)
  throw new CommandError(`${file} is not a valid playbook:\n${faults.join('\n')}`, exitCodes.findings)
}
