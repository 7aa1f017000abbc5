import type { FixtureName } from '../../../shared/api/lint.ts'
import type { MessageKind } from '../../../shared/trial.ts'

/** Which email is written; the names are those of the API. */
export interface MailChoice {
  locale?: string
  fixture?: FixtureName
  rule?: string
  variant?: number
  userId?: string
}

/** How it is looked at. */
export interface MailLook {
  scheme: 'light' | 'dark'
  width: 320 | 600
  part: 'html' | 'text'
}

const usualLook: MailLook = { scheme: 'light', width: 600, part: 'html' }

export function readChoice(query: URLSearchParams): MailChoice {
  const text = (name: string) => query.get(name) || null
  const [locale, fixture, rule, userId] = ['locale', 'fixture', 'rule', 'userId'].map(text)
  const variant = /^\d{1,2}$/.test(query.get('variant') ?? '') ? Number(query.get('variant')) : null
  return {
    ...(locale && { locale }),
    // A situation shapes the sample; a person’s facts are their own.
    ...(fixture && !userId && { fixture: fixture as FixtureName }),
    ...(rule && { rule }),
    ...(variant !== null && { variant }),
    ...(userId && { userId }),
  }
}

export const readLook = (query: URLSearchParams): MailLook => ({
  scheme: query.get('scheme') === 'dark' ? 'dark' : 'light',
  width: query.get('width') === '320' ? 320 : 600,
  part: query.get('part') === 'text' ? 'text' : 'html',
})

const queryOf = (values: Readonly<Record<string, string | number | undefined>>): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

/** Only what is not as usual, so that links stay short. */
const lookOf = (look: MailLook): Partial<MailLook> =>
  Object.fromEntries(
    Object.entries(look).filter(([name, value]) => usualLook[name as keyof MailLook] !== value),
  )

/** Address of an email in the dashboard, to be shared. */
export const mailHref = (kind: MessageKind, choice: MailChoice = {}, look = usualLook): string =>
  `#/emails/${kind}${queryOf({ ...choice, ...lookOf(look) })}`

export const galleryHref = (locale?: string): string => `#/emails${queryOf({ locale })}`

export const sentMailHref = (userId: string, token: string, look = usualLook): string =>
  `#/trialists/${encodeURIComponent(userId)}/emails/${token}${queryOf({ ...lookOf(look) })}`

/** Its HTML alone, under a policy of its own: the dashboard’s would take the email’s styles away. */
export const htmlAddress = (kind: MessageKind, choice: MailChoice): string =>
  `/api/templates/${kind}/html${queryOf({ ...choice })}`
