import { readFile } from 'node:fs/promises'
import { type Playbook, playbookSchema } from '../../shared/playbook.ts'
import { faultsOf } from '../http/parse-request.ts'
import { CommandError, exitCodes } from './output.ts'

/**
 * @returns the playbook as it is written in the file, and with every default filled in.
 * @throws CommandError when the file is missing, no JSON or no playbook; every fault is named.
 */
export async function readPlaybook(file: string): Promise<{ written: unknown; playbook: Playbook }> {
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
