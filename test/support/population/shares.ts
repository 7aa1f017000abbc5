/**
 * Who the population is made of. Shares of one table are relative to each other. Mail programs follow what is seen
 * of consumer and business lists in 2026: Apple hides about a third, Gmail a quarter.
 */

/** Through what people read. */
export const programShares = {
  applePrivacy: 0.33,
  gmail: 0.24,
  gmailPrefetch: 0.05,
  yahoo: 0.04,
  thunderbird: 0.06,
  outlook: 0.12,
  phone: 0.12,
  tablet: 0.02,
  picturesOff: 0.02,
} as const
export type ProgramName = keyof typeof programShares

/** What stands before the mailbox of a company; private mailboxes have none. */
export const scannerShares = {
  none: 0.34,
  walker: 0.2,
  sprinter: 0.12,
  parallel: 0.1,
  inline: 0.08,
  named: 0.08,
  script: 0.08,
} as const
export type ScannerName = keyof typeof scannerShares | 'gateway'

/** How the receiving server answers, at once or later. Addresses that do not exist stay below the brake’s 5 %. */
export const receiverShares = {
  takes: 0.873,
  noSuchUser: 0.024,
  full: 0.012,
  policy: 0.01,
  greylists: 0.04,
  returnsHard: 0.01,
  returnsSoft: 0.01,
  returnsPolicy: 0.006,
  warnsOfDelay: 0.015,
} as const
export type ReceiverName = keyof typeof receiverShares

/** Whether opens and clicks of a person may be recorded. */
export const consentShares = { given: 0.93, withdrawn: 0.05, withdrawnLater: 0.02 } as const
export type ConsentName = keyof typeof consentShares

export const localeShares = { en: 0.4, de: 0.2, fr: 0.12, es: 0.12, vi: 0.08, ko: 0.08 } as const
export type LocaleName = keyof typeof localeShares

export const zones: Readonly<Record<LocaleName, readonly string[]>> = {
  en: ['America/New_York', 'Europe/London', 'America/Los_Angeles', 'Australia/Sydney'],
  de: ['Europe/Berlin', 'Europe/Zurich'],
  fr: ['Europe/Paris', 'America/Montreal'],
  es: ['Europe/Madrid', 'America/Mexico_City'],
  vi: ['Asia/Ho_Chi_Minh'],
  ko: ['Asia/Seoul'],
}

/** What people do, by mail. */
export const habits = {
  opens: { welcome: 0.5, upgrade_now: 0.42, expiring_passive: 0.34, ended_survey: 0.28 },
  reopens: 0.25,
  scrollsBack: 0.15,
  clicksAfterOpening: 0.3,
  clicksSecondLink: 0.3,
  doubleClicks: 0.05,
  arrives: 0.7,
  /** Arrives with the campaign in the address, but something has stripped the click id. */
  losesClickId: 0.1,
  unsubscribes: 0.02,
  unsubscribesAgain: 0.4,
  replies: { welcome: 0.02, upgrade_now: 0.03, expiring_passive: 0.16, ended_survey: 0.05 },
  answersAutomatically: 0.06,
  extends: 0.25,
  answersSurvey: 0.5,
  /** Of people who have seen value. */
  buysAfterArriving: 0.45,
  buysAfterClicking: 0.3,
  buysAfterOpening: 0.08,
  buysByChance: 0.05,
  asksMoneyBack: 0.12,
  complains: 0.004,
} as const

export const letterKinds = ['welcome', 'upgrade_now', 'expiring_passive', 'ended_survey'] as const
export type LetterKind = (typeof letterKinds)[number]
