import type { MessageKind } from './trial.ts'

/**
 * What an email may say: plain facts about one trialist at one moment. A number that is 0 or unknown is absent, so a
 * template either has another sentence for it or is refused; it can never print “0 boards” or “undefined”.
 * Instants are epoch milliseconds; templates write them out in the person’s zone and language.
 */
export interface MailFacts {
  readonly kind: MessageKind
  readonly now: number
  /** IANA zone of the recipient, or the product’s when theirs is unknown. */
  readonly timeZone: string
  readonly person: {
    readonly name?: string
    /** Absent when the name is nothing to greet someone by (an address, a URL, digits, longer than 40 graphemes). */
    readonly firstName?: string
    readonly company?: string
  }
  readonly product: {
    readonly name: string
    readonly url: string
    readonly upgradeUrl: string
    readonly postalAddress: string
    readonly price?: {
      readonly amountMinor: number
      readonly currency: string
      readonly per: 'month' | 'year'
      readonly seat: boolean
    }
    readonly paymentMethods: readonly string[]
    /** ISO 4217; of the price and of values that are money. */
    readonly currency?: string
    /** What a customer tells, in the playbook’s words. */
    readonly story?: {
      readonly quote: string
      readonly person: string
      readonly company: string
      readonly result?: string
      readonly url?: string
    }
  }
  /** Who the email is from: the product or the rep, as the rule says. */
  readonly sender: { readonly name: string; readonly title?: string }
  /** The named person who looks after this trialist. */
  readonly rep: { readonly name: string; readonly title?: string }
  readonly trial: {
    readonly startsAt: number
    /** Absent on a plan without an end. */
    readonly endsAt?: number
    readonly ended: boolean
  }
  readonly milestones: {
    /** Names, in the playbook’s order. */
    readonly reached: readonly string[]
    /** The others; absent when all are reached. */
    readonly open?: readonly string[]
    /** The one this email is about (the rule’s milestone), else the first not reached. */
    readonly next?: {
      readonly name: string
      readonly hint?: string
      readonly url?: string
      readonly label?: string
      /** How often it has been done so far; absent when never. */
      readonly count?: number
      readonly threshold: number
    }
  }
  /** The playbook’s value formulas that come to more than 0, rounded as it asks. */
  readonly values: readonly {
    readonly id: string
    readonly label: string
    readonly n: number
    /** An estimate: it is rounded to more than whole numbers, and told with “about”. */
    readonly about?: boolean
    /** A plain count when absent. */
    readonly unit?: 'minutes' | 'money'
    /** What the trial allows of it; `n` may be above. */
    readonly limit?: number
  }[]
  /** What ends with the trial; `text` still holds its `{{n}}` slot, singular where n is 1. None is 0. */
  readonly losses: readonly { readonly value: string; readonly n: number; readonly text: string }[]
  /** Only when this person has tried it. */
  readonly paidFeature?: { readonly name: string }
  /** The colleague who asked, by a nudge, that someone who can buy upgrades. */
  readonly asker?: { readonly name: string }
  /** The extension this person may take by themselves, as the policy stands now: days, and the end it would give. */
  readonly offer?: { readonly days: number; readonly endsAt: number }
  /** The latest extension that stands. */
  readonly extension?: {
    readonly days: number
    readonly endsAt: number
    readonly before?: number
    /** First name of the rep who granted it. */
    readonly by?: string
  }
  readonly survey: {
    readonly question: string
    readonly answers: readonly { readonly id: string; readonly text: string }[]
  }
  /** The playbook’s own texts in this person’s language, by their wording in the playbook. */
  readonly texts?: Readonly<Record<string, string>>
  /** What this person answered to the survey. */
  readonly answer?: { readonly id: string; readonly text: string }
}

/** The facts and the addresses behind the email’s links. */
export interface MailView extends MailFacts {
  readonly links: MailLinks
}

export interface MailLinks {
  /** The open pixel; null when this person’s opens are not tracked. */
  readonly open: string | null
  /** The slow picture that tells how long an email is looked at; null where that is not asked. */
  readonly viewing: string | null
  /** Prefix of tracked links, an index follows; null: links lead straight to their target. */
  readonly click: string | null
  readonly unsubscribe: string
  /** Prefix, an answer’s id follows. */
  readonly survey: string
  readonly extend: string
  readonly view: string
}

/** @param publicUrl where the tracking endpoints answer, without a slash at its end. */
export function mailLinks(
  publicUrl: string,
  token: string,
  tracking: { tracking: boolean } | { opens: string; clicks: string; viewing?: string },
): MailLinks {
  const isOn = (what: 'opens' | 'clicks') =>
    'tracking' in tracking ? tracking.tracking : tracking[what] !== 'off'
  return {
    open: isOn('opens') ? `${publicUrl}/o/${token}.gif` : null,
    viewing:
      'viewing' in tracking && tracking.viewing === 'individual' ? `${publicUrl}/d/${token}.gif` : null,
    click: isOn('clicks') ? `${publicUrl}/c/${token}` : null,
    unsubscribe: `${publicUrl}/u/${token}`,
    survey: `${publicUrl}/s/${token}`,
    extend: `${publicUrl}/x/${token}`,
    view: `${publicUrl}/v/${token}`,
  }
}

/** Where a picture of the brand is: beside the page that shows the email. */
export const brandAddress = ({ view }: Pick<MailLinks, 'view'>, file: string): string =>
  view.replace(/\/v\/[^/]*$/, `/brand/${file}`)
