import type { Dress } from '../../../shared/brand/dress.ts'
import type { MailView } from '../../../shared/mail-view.ts'

/** Every member a type has, optional ones too; what lies inside a list has the name of the loop over it. */
type Shape<T> = T extends readonly unknown[]
  ? 'list'
  : T extends object
    ? string extends keyof T
      ? 'record'
      : { readonly [Key in keyof T]-?: Shape<NonNullable<T[Key]>> }
    : 'value'

interface Branch {
  readonly [name: string]: Branch | string
}

const named = { name: 'value', title: 'value' } as const

/** What a template may read. The compiler keeps it complete: a fact that emails gain is missed here at once. */
const knownFacts: Shape<MailView> = {
  kind: 'value',
  now: 'value',
  timeZone: 'value',
  person: { name: 'value', firstName: 'value', company: 'value' },
  product: {
    name: 'value',
    url: 'value',
    upgradeUrl: 'value',
    postalAddress: 'value',
    price: { amountMinor: 'value', currency: 'value', per: 'value', seat: 'value' },
    paymentMethods: 'list',
    currency: 'value',
    story: { quote: 'value', person: 'value', company: 'value', result: 'value', url: 'value' },
  },
  sender: named,
  rep: named,
  trial: { startsAt: 'value', endsAt: 'value', ended: 'value' },
  milestones: {
    reached: 'list',
    open: 'list',
    next: { name: 'value', hint: 'value', url: 'value', label: 'value', count: 'value', threshold: 'value' },
  },
  values: 'list',
  losses: 'list',
  paidFeature: { name: 'value' },
  asker: { name: 'value' },
  offer: { days: 'value', endsAt: 'value' },
  extension: { days: 'value', endsAt: 'value', before: 'value', by: 'value' },
  survey: { question: 'value', answers: 'list' },
  texts: 'record',
  answer: { id: 'value', text: 'value' },
  links: {
    open: 'value',
    viewing: 'value',
    click: 'value',
    unsubscribe: 'value',
    survey: 'value',
    extend: 'value',
    view: 'value',
  },
}

const accent: Shape<Dress['light']> = {
  button: 'value',
  on: 'value',
  edge: 'value',
  link: 'value',
  mark: 'value',
}
const radius: Shape<Dress['radius']> = { card: 'value', box: 'value', button: 'value' }
const picture = { src: 'value', width: 'value', height: 'value' }

/** What the renderer adds to the facts. */
const added = {
  lang: 'value',
  dir: 'value',
  start: 'value',
  end: 'value',
  subject: 'value',
  preheader: 'value',
  body: 'value',
  dress: { light: accent, dark: accent, font: 'value', plainFont: 'value', radius },
  logo: { light: picture, dark: picture },
  footer: 'list',
} satisfies Branch

/** And to those of a block: its own fields, its words, and where it stands. */
const addedToBlocks = {
  block: 'record',
  words: 'record',
  layout: 'value',
  previous: 'value',
  title: 'value',
  href: 'value',
}

const everything: Branch = { ...knownFacts, ...added }
const everythingInBlocks: Branch = { ...everything, ...addedToBlocks }
const ofEveryList = new Set(['size', 'first', 'last'])

/** Whether a template that reads `product`, `price`, `per` can ever find something there. */
export function isKnownFact(path: readonly string[], isInBlock = false): boolean {
  let at: Branch | string = isInBlock ? everythingInBlocks : everything
  for (const part of path) {
    if (at === 'record') return true
    if (at === 'list') return ofEveryList.has(part) || /^\d+$/.test(part)
    const next: Branch | string | undefined = typeof at === 'string' ? undefined : at[part]
    if (next === undefined) return false
    at = next
  }
  return true
}
