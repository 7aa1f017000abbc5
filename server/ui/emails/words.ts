import { type MessageKind, messageKinds } from '../../../shared/trial.ts'

/** Emails by what they are for, in the order a trialist meets them. */
export const mailGroups = [
  { id: 'start', title: 'Getting started' },
  { id: 'buy', title: 'Towards buying' },
  { id: 'time', title: 'More time' },
  { id: 'after', title: 'After the end' },
] as const

export const mailPurposes: Record<
  MessageKind,
  { group: (typeof mailGroups)[number]['id']; purpose: string }
> = {
  welcome: { group: 'start', purpose: 'Greets a new trialist and names the first step.' },
  onboarding_step: { group: 'start', purpose: 'Names the one step that comes next.' },
  upgrade_now: {
    group: 'buy',
    purpose: 'Goes out when the value has been reached, on whatever day that is.',
  },
  expiring_activated: {
    group: 'buy',
    purpose: 'Says what ends with the trial, in the person’s own numbers.',
  },
  expiring_passive: { group: 'time', purpose: 'Offers more days to somebody who has not got there yet.' },
  extension_granted: { group: 'time', purpose: 'Confirms the new end.' },
  trial_ended: { group: 'after', purpose: 'Says that the trial is over and what happens to the data.' },
  ended_survey: { group: 'after', purpose: 'Asks one question, answered by a click.' },
  survey_follow_up: { group: 'after', purpose: 'Takes up what was answered.' },
}

export const isKind = (text: string): text is MessageKind =>
  (messageKinds as readonly string[]).includes(text)

const situations: Readonly<Record<string, string>> = {
  normal: 'Usual numbers',
  zero: 'Nothing counted yet',
  one: 'One of each',
  huge: 'Very large numbers',
  long_name: 'A very long name',
  rtl: 'A name in Arabic',
  missing_name: 'No name known',
  hostile_name: 'Code in the name',
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
  render: 'Cannot be written',
  leak: 'A placeholder shows',
  spacing: 'A gap in a sentence',
  preheader: 'Preview text',
  'subject-empty': 'No subject',
  'subject-slot': 'A placeholder in the subject',
  'subject-control': 'Odd characters in the subject',
  'subject-length': 'Length of the subject',
  'subject-shouts': 'The subject shouts',
  'subject-fake-reply': 'The subject pretends to be a reply',
  'subject-emoji': 'Emoji in the subject',
  size: 'Size of the mail',
  lang: 'Language is not declared',
  dir: 'Reading direction is not declared',
  title: 'No title',
  viewport: 'Not made for phones',
  'dark-mode': 'Dark mode',
  contrast: 'Hard to read',
  'button-edge': 'Button hard to see',
  'pure-colours': 'Pure black or white',
  element: 'Something mail programs refuse',
  css: 'Style that mail programs ignore',
  'external-css': 'Style from elsewhere',
  script: 'Code in the mail',
  'table-role': 'Screen readers',
  width: 'Too wide',
  'image-alt': 'Picture without a description',
  'image-size': 'Picture without a size',
  'image-data': 'Picture that is blocked',
  'image-format': 'Picture that not every program shows',
  'image-share': 'Much picture, little text',
  'one-action': 'More or less than one thing to do',
  'many-links': 'Many links',
  unsubscribe: 'Unsubscribe link',
  'footer-reason': 'Why they get this mail',
  'postal-address': 'Postal address',
  'little-text': 'Too little text',
  'double-escape': 'Garbled characters',
  'link-https': 'Link that is not secure',
  'link-ip': 'Link to a bare address',
  'link-shortener': 'Shortened link',
  'link-text': 'Link that leads elsewhere than it says',
  'link-foreign': 'Link to another site',
  'link-strangers': 'Links to several other sites',
  'link-untracked': 'Link whose clicks are not counted',
  'spam-score': 'Spam filter',
  'spam-words': 'Words that sound like spam',
  'source-syntax': 'Template: cannot be read',
  'source-variable': 'Template: unknown fact',
  'source-raw': 'Template: text put in unescaped',
  'source-escape': 'Template: text escaped twice',
  'text-missing': 'No plain text',
  'text-unsubscribe': 'Plain text: unsubscribe link',
  'text-address': 'Plain text: postal address',
  'text-link': 'Plain text: a link is missing',
  'text-share': 'Plain text: length',
  'text-line': 'Plain text: very long lines',
}

/** A check’s name for someone who writes emails, not programs. */
export const checkName = (check: string): string => checks[check] ?? inWords(check)
