import { useEffect, useRef, useState } from 'preact/hooks'
import { kindLabels } from '../../../shared/labels.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import type { Session } from '../shared/api.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading } from '../shared/parts.tsx'
import { galleryHref, htmlAddress, type MailChoice, mailHref, readChoice, readLook } from './address.ts'
import { MailChoices } from './choices.tsx'
import { Findings, SpamPanel } from './findings.tsx'
import { LookTools, MailBody, replaceHash } from './frame.tsx'
import { TestSend } from './test-send.tsx'
import type { MailPreview, Templates } from './types.ts'
import { mailPurposes } from './words.ts'

/** The latest email that could be written, with the address of its HTML. */
function useWritten(kind: MessageKind, choice: MailChoice) {
  const preview = useApi('POST /api/templates/{kind}/preview', { params: { kind }, body: choice })
  const [written, setWritten] = useState<{ mail: MailPreview; src: string } | null>(null)
  const src = useRef('')
  src.current = htmlAddress(kind, choice)
  const { data } = preview
  useEffect(() => {
    if (data) setWritten({ mail: data, src: src.current })
  }, [data])
  return { preview, written }
}

/** One mail: as it looks, what is wrong with it, and a copy into one’s own inbox. */
export function MailPreviewPage({
  kind,
  query,
  session,
  templates,
}: {
  kind: MessageKind
  query: URLSearchParams
  session: Session
  templates: Templates
}) {
  const choice = readChoice(query)
  const look = readLook(query)
  const { preview, written } = useWritten(kind, choice)
  const failed = preview.state === 'failed'
  const chosen = JSON.stringify(choice)
  return (
    <>
      <p class="crumb">
        <a href={galleryHref(choice.locale)}>Emails</a>
      </p>
      <h1>{kindLabels[kind]}</h1>
      <p class="quiet">{mailPurposes[kind].purpose}</p>
      <MailChoices
        templates={templates}
        rules={templates.templates.find((template) => template.kind === kind)?.rules ?? []}
        choice={choice}
        onChange={(next) => {
          window.location.hash = mailHref(kind, next, look)
        }}
      />
      <div class="mail-page" aria-busy={preview.state === 'loading'}>
        <div class="mail-main">
          <LookTools look={look} onChange={(next) => replaceHash(mailHref(kind, choice, next))} />
          {failed && <ErrorNote error={preview.error} retry={preview.reload} />}
          {!written && preview.state === 'loading' && <Loading what="the email" />}
          {written && !failed && <MailBody mail={written.mail} src={written.src} look={look} />}
        </div>
        {written && !failed && (
          <div class="mail-side">
            <Findings findings={written.mail.findings} />
            <SpamPanel key={`spam ${chosen}`} kind={kind} choice={choice} />
            <TestSend key={`send ${chosen}`} kind={kind} choice={choice} session={session} />
          </div>
        )}
      </div>
    </>
  )
}
