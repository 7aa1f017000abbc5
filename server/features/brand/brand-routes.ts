import { brandApi, logoMaxBytes } from '../../../shared/api/brand.ts'
import { type Brand, brandSchema } from '../../../shared/playbook/brand.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { forFrame, frameHeaders } from '../../http/mail-frame.ts'
import { parseRequest } from '../../http/parse-request.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Logos } from './logos.ts'
import type { Sheet } from './sheet.ts'

const tag = 'Brand'

/** @throws ProblemError */
function readBrand(text: string | undefined): Brand | null {
  if (text === undefined) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const errors = [{ pointer: 'query/brand', detail: 'must be JSON' }]
    throw new ProblemError('invalid-request', { detail: 'The query has 1 fault(s).', errors })
  }
  return parseRequest(brandSchema, value, 'query')
}

export function brandRoutes({
  logos,
  sheet,
  audit,
  publicUrl,
}: {
  logos: Logos
  sheet: Sheet
  audit: AuditLog
  publicUrl: string
}): Route[] {
  const shown = <T extends { readonly file: string }>(logo: T) => ({
    ...logo,
    url: `${publicUrl}/brand/${logo.file}`,
  })
  return [
    route(brandApi, 'GET /api/brand/logos', {
      id: 'listLogos',
      tag,
      summary: 'List the logos that were uploaded',
      role: 'rep',
      handle: async ({ workspace }) => ok({ logos: (await logos.list(workspace.id)).map(shown) }),
    }),
    route(brandApi, 'POST /api/brand/logos', {
      id: 'uploadLogo',
      tag,
      summary: 'Upload a logo, PNG or JPEG; emails show it once the playbook names it',
      role: 'rep',
      rawTypes: ['image/png', 'image/jpeg', 'application/octet-stream'],
      bodyLimit: logoMaxBytes,
      problems: ['conflict'],
      async handle({ workspace, principal, body, ip }) {
        const uploaded = await logos.upload(workspace.id, Buffer.from(body))
        if (!uploaded.ok)
          throw new ProblemError(uploaded.reason === 'full' ? 'conflict' : 'invalid-request', {
            detail: uploaded.why,
          })
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'brand.uploadLogo',
          after: uploaded.logo,
          ip,
        })
        return { status: 201 as const, body: shown(uploaded.logo) }
      },
    }),
    route(brandApi, 'GET /api/brand/sheet/{part}', {
      id: 'showBrandSheet',
      tag,
      summary: 'Show an email or a hosted page in a brand that is not saved',
      role: 'rep',
      problems: ['conflict'],
      async handle({ workspace, params, query }) {
        const { locale } = query
        const html = await sheet(workspace, { part: params.part, brand: readBrand(query.brand), locale })
        if (html === null) throw new ProblemError('conflict', { detail: 'The email cannot be rendered.' })
        return ok(forFrame(html), frameHeaders)
      },
    }),
  ]
}
