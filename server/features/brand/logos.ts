import { createHash } from 'node:crypto'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import { cleanImage } from './clean-image.ts'

/** Emails that are out for years show them, so none is ever taken away; that many is more than any team needs. */
const mostLogos = 100

interface Logo {
  readonly file: string
  readonly width: number
  readonly height: number
}

type UploadResult =
  | { readonly ok: true; readonly logo: Logo }
  | { readonly ok: false; readonly reason: 'refused' | 'full'; readonly why: string }

export interface Logos {
  list(workspaceId: WorkspaceId): Promise<readonly Logo[]>
  upload(workspaceId: WorkspaceId, bytes: Buffer): Promise<UploadResult>
  /** Its bytes; null: there is no such picture. */
  read(file: string): Promise<Buffer | null>
}

const full = {
  ok: false,
  reason: 'full',
  why: `There are ${mostLogos} logos already. Use one of them.`,
} as const

export function createLogos(documents: Storage['documents'], now: () => number): Logos {
  return {
    async list(workspaceId) {
      const found = await documents.get('brand-logos', workspaceId)
      return (found?.body.logos ?? []).map(({ file, width, height }) => ({ file, width, height }))
    },

    async upload(workspaceId, bytes) {
      const cleaned = await cleanImage(bytes)
      if (!cleaned.ok) return { ...cleaned, reason: 'refused' }
      const { type, width, height, bytes: clean } = cleaned.image
      const file = `${createHash('sha256').update(clean).digest('hex')}.${type}`
      const logo = { file, width, height }
      const at = now()
      // The picture first: what is listed is always there.
      const isListed = (logos: readonly Logo[]) => logos.some((one) => one.file === file)
      const before = (await documents.get('brand-logos', workspaceId))?.body.logos ?? []
      if (!isListed(before) && before.length >= mostLogos) return full
      await documents.put('brand-logo', file, { data: clean.toString('base64') })
      const update = await updateDocument(documents, 'brand-logos', workspaceId, (stored) => {
        const logos = stored?.logos ?? []
        if (isListed(logos) || logos.length >= mostLogos) return null
        return { logos: [{ ...logo, at }, ...logos] }
      })
      return isListed(update.after?.logos ?? []) ? { ok: true, logo } : full
    },

    async read(file) {
      const found = await documents.get('brand-logo', file)
      return found && Buffer.from(found.body.data, 'base64')
    },
  }
}
