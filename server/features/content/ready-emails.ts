import { join } from 'node:path'
import { kindLabels } from '../../../shared/labels.ts'
import type { BlockContent } from '../../../shared/playbook/content.ts'
import { type MessageKind, shippedKinds } from '../../../shared/trial.ts'
import { readLocales } from '../../locales/catalog.ts'
import { readGallery } from '../../locales/gallery.ts'
import { readReadyFiles, readyContent } from '../../locales/ready-content.ts'
import { packageRoot } from '../../package-root.ts'

export interface ReadyEmail {
  readonly id: string
  /** null: no rule of ours sends it. */
  readonly kind: MessageKind | null
  readonly name: string
  readonly purpose: string
  readonly content: BlockContent
}

const purposes: Readonly<Record<(typeof shippedKinds)[number], string>> = {
  welcome: 'Welcomes a new trialist and names the first step.',
  onboarding_step: 'Names the next step.',
  upgrade_now: 'Goes out when someone is activated, whatever day that is.',
  expiring_activated: 'Says what ends with the trial, in the person’s own numbers.',
  expiring_passive: 'Offers more time to someone who is not activated yet.',
  ended_survey: 'Asks one question, answered with one click.',
  survey_follow_up: 'Follows up on the answer to the survey.',
  extension_granted: 'Confirms the new end date.',
  trial_ended: 'Says that the trial has ended and how to go on.',
}

/** The emails we bring, as documents that can be edited. Read once, when first asked for. */
export function createReadyEmails(): () => readonly ReadyEmail[] {
  let read: readonly ReadyEmail[] | null = null
  return () => {
    read ??= readAll(join(packageRoot, 'templates'))
    return read
  }
}

function readAll(templatesDir: string): readonly ReadyEmail[] {
  const locales = readLocales(templatesDir)
  const files = readReadyFiles(templatesDir)
  const ours = shippedKinds.flatMap((kind) => {
    const file = files[kind]
    if (!file) return []
    const content = readyContent(file, locales)
    return [{ id: kind, kind, name: kindLabels[kind], purpose: purposes[kind], content }]
  })
  return [...ours, ...readGallery(templatesDir).map((email) => ({ ...email, kind: null }))]
}
