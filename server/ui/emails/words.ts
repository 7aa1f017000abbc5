import { type MessageKind, messageKinds } from '../../../shared/trial.ts'

/** Emails by what they are for, in the order a trialist meets them. */
export const mailGroups = [
  { id: 'start', title: 'Getting started' },
  { id: 'buy', title: 'Toward buying' },
  { id: 'time', title: 'More time' },
  { id: 'after', title: 'After the end' },
] as const

export const mailPurposes: Record<
  MessageKind,
  { group: (typeof mailGroups)[number]['id']; purpose: string }
> = {
  welcome: { group: 'start', purpose: 'Welcomes a new trialist and names the first step.' },
  onboarding_step: { group: 'start', purpose: 'Names the next step.' },
  upgrade_now: {
    group: 'buy',
    purpose: 'Goes out when the trialist is activated, whatever day that is.',
  },
  expiring_activated: {
    group: 'buy',
    purpose: 'Says what ends with the trial, using the trialist’s own numbers.',
  },
  expiring_passive: { group: 'time', purpose: 'Offers more time to a trialist who is not activated yet.' },
  extension_granted: { group: 'time', purpose: 'Confirms the new end date.' },
  trial_ended: { group: 'after', purpose: 'Says that the trial has ended and what happens to the data.' },
  ended_survey: { group: 'after', purpose: 'Asks one question, answered with one click.' },
  survey_follow_up: { group: 'after', purpose: 'Follows up on the survey answer.' },
  custom: { group: 'start', purpose: 'An email of your own.' },
}

export const isKind = (text: string): text is MessageKind =>
  (messageKinds as readonly string[]).includes(text)

const situations: Readonly<Record<string, string>> = {
  normal: 'Usual numbers',
  zero: 'No usage yet',
  one: 'One of each',
  huge: 'Very large numbers',
  long_name: 'A very long name',
  rtl: 'An Arabic name',
  missing_name: 'Name unknown',
  hostile_name: 'HTML code in the name',
}

const inWords = (id: string): string => {
  const words = id.replaceAll(/[-_]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const situationName = (fixture: string): string => situations[fixture] ?? inWords(fixture)

const languages = new Intl.DisplayNames('en', { type: 'language' })

/** “German” for `de`; what is no language tag stays as it is. */
export function languageName(locale: string): string {
  try {
    return languages.of(locale) ?? locale
  } catch {
    return locale
  }
}

const checks: Readonly<Record<string, string>> = {
  render: 'Cannot be rendered',
  leak: 'A placeholder is visible',
  spacing: 'A gap in a sentence',
  preheader: 'Preview text',
  'subject-empty': 'No subject',
  'subject-slot': 'A placeholder in the subject',
  'subject-control': 'Odd characters in the subject',
  'subject-length': 'Length of the subject',
  'subject-shouts': 'The subject shouts',
  'subject-fake-reply': 'The subject pretends to be a reply',
  'subject-emoji': 'Emoji in the subject',
  size: 'Email size',
  lang: 'Language not declared',
  dir: 'Text direction not declared',
  title: 'No title',
  viewport: 'Not mobile-friendly',
  'dark-mode': 'Dark mode',
  contrast: 'Low contrast',
  'button-edge': 'Button edge hard to see',
  'pure-colours': 'Pure black or white',
  element: 'Element that email clients block',
  css: 'CSS that email clients ignore',
  'external-css': 'External CSS',
  script: 'Script in the email',
  'table-role': 'Screen readers',
  width: 'Too wide',
  'image-alt': 'Image without alt text',
  'image-size': 'Image without a size',
  'image-data': 'Image that is blocked',
  'image-format': 'Image format not shown everywhere',
  'image-share': 'Too many images, too little text',
  'one-action': 'Not exactly one call to action',
  'many-links': 'Many links',
  unsubscribe: 'Unsubscribe link',
  'footer-reason': 'Why they get this email',
  'postal-address': 'Postal address',
  'little-text': 'Too little text',
  'double-escape': 'Garbled characters',
  'link-https': 'Insecure link',
  'link-ip': 'Link to an IP address',
  'link-shortener': 'Shortened link',
  'link-text': 'Link text and target differ',
  'link-foreign': 'Link to another site',
  'link-strangers': 'Links to several other sites',
  'link-untracked': 'Link without click tracking',
  'spam-score': 'Spam filter',
  'spam-words': 'Words that sound like spam',
  'source-syntax': 'Template: syntax error',
  'source-variable': 'Template: unknown variable',
  'source-raw': 'Template: unescaped text',
  'source-escape': 'Template: text escaped twice',
  'text-missing': 'No plain-text version',
  'text-unsubscribe': 'Plain text: unsubscribe link',
  'text-address': 'Plain text: postal address',
  'text-link': 'Plain text: a link is missing',
  'text-share': 'Plain text: length',
  'text-line': 'Plain text: very long lines',
}

/** A check’s name for someone who writes emails, not programs. */
export const checkName = (check: string): string => checks[check] ?? inWords(check)
