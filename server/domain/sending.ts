import type { Playbook } from '../../shared/playbook.ts'
import type { ReleaseGap, SendingMode } from '../../shared/sending.ts'
import type { EmailAddress } from '../../shared/trial.ts'
import { defaultPlaybook } from './playbook/default.ts'

/** Whether and where the emails of a workspace may go. */
export interface Sending {
  /** null: no email goes to anyone before a person has released the workspace. */
  readonly releasedAt: number | null
  readonly mode: SendingMode
  /** Where every email goes in the mode `test`. */
  readonly testAddress: EmailAddress | null
}

export const unreleased: Sending = { releasedAt: null, mode: 'normal', testAddress: null }

/** @returns why due emails wait; null: they may go. */
export function holdOf({ releasedAt, mode }: Sending): string | null {
  if (releasedAt === null) return 'the workspace is not released yet'
  return mode === 'never' ? 'this workspace is set to send no email' : null
}

/** @returns where an email goes in place of its recipient; null: to its recipient. */
export const redirectOf = ({ mode, testAddress }: Sending): EmailAddress | null =>
  mode === 'test' ? testAddress : null

export interface Gap {
  readonly gap: ReleaseGap
  /** false: worth knowing, but emails can go out as it is. */
  readonly isNeeded: boolean
  readonly detail: string
  readonly fix: string
}

interface ReleaseFacts {
  readonly playbook: Playbook
  readonly hasMailServer: boolean
  /** PUBLIC_URL as it was set. */
  readonly publicUrl: string | null
  /** Only this machine can open it. */
  readonly isPrivateUrl: boolean
}

interface Check extends Gap {
  isMissing(facts: ReleaseFacts): boolean
}

const example = defaultPlaybook

const isExampleUrl = (url: string): boolean => new URL(url).hostname === 'example.com'

const eventsOf = ({ milestones }: Playbook): string =>
  milestones
    .map(({ event }) => event)
    .sort()
    .join('\n')

/** What would be wrong in the first email, each with what to do about it. */
const checks: readonly Check[] = [
  {
    gap: 'productName',
    isNeeded: true,
    detail: `Emails would speak of “${example.product.name}”.`,
    fix: 'Name your product in the playbook (product.name).',
    isMissing: ({ playbook }) => playbook.product.name === example.product.name,
  },
  {
    gap: 'productUrl',
    isNeeded: true,
    detail: 'Buttons in emails would lead to example.com.',
    fix: 'Set the address of your product and of its plans in the playbook (product.url, product.upgradeUrl).',
    isMissing: ({ playbook: { product } }) => isExampleUrl(product.url) || isExampleUrl(product.upgradeUrl),
  },
  {
    gap: 'postalAddress',
    isNeeded: true,
    detail: 'The footer has no real postal address, which the law asks for in most countries.',
    fix: 'Set your postal address in the playbook (product.postalAddress).',
    isMissing: ({ playbook }) => playbook.product.postalAddress === example.product.postalAddress,
  },
  {
    gap: 'senderName',
    isNeeded: true,
    detail: 'Emails would come from a sender with an example’s name.',
    fix: 'Name the senders in the playbook (senders.product.name, senders.rep.name).',
    isMissing: ({ playbook: { senders } }) =>
      senders.product.name === example.senders.product.name || senders.rep.name === example.senders.rep.name,
  },
  {
    gap: 'mailServer',
    isNeeded: true,
    detail: 'There is no mail server, so nothing can go out.',
    fix: 'Set SMTP_URL and MAIL_FROM, and start the server again.',
    isMissing: ({ hasMailServer }) => !hasMailServer,
  },
  {
    gap: 'publicUrl',
    isNeeded: true,
    detail: 'Links in emails would lead to an address that only this machine can open.',
    fix: 'Set PUBLIC_URL to the address at which people reach this server, and start it again.',
    isMissing: ({ publicUrl }) => publicUrl === null,
  },
  {
    gap: 'privateUrl',
    isNeeded: false,
    detail: 'PUBLIC_URL is an address of this machine: only you can open the links in emails.',
    fix: 'Fine for a trial run. For real people, set PUBLIC_URL to an https address.',
    isMissing: ({ publicUrl, isPrivateUrl }) => publicUrl !== null && isPrivateUrl,
  },
  {
    gap: 'milestones',
    isNeeded: false,
    detail: 'The milestones still wait for the events of the example.',
    fix: 'Name the events of your product in the playbook (milestones).',
    isMissing: ({ playbook }) => eventsOf(playbook) === eventsOf(example),
  },
]

/** What is missing before a workspace should be released. */
export const gapsBeforeRelease = (facts: ReleaseFacts): Gap[] =>
  checks.filter((check) => check.isMissing(facts)).map(({ isMissing: _, ...gap }) => gap)
