import { useCallback, useMemo } from 'preact/hooks'
import type { EmailContent } from '../../../shared/playbook/content.ts'
import { differences } from '../../../shared/sentence/difference.ts'
import { sentenceLanguages } from '../../../shared/sentence/languages.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { DraftStrip, PublishBar } from '../playbook/publish-bar.tsx'
import {
  type Draft,
  type Playbook,
  type StoredDraft,
  useDraft,
  useStoredDraft,
  type Version,
} from '../playbook/use-draft.ts'
import { call, isAdmin, type Session } from '../shared/api.ts'
import { useApi, useLoad } from '../shared/hooks.ts'
import { Empty, ErrorNote, Loading } from '../shared/parts.tsx'
import { editorListHref } from './address.ts'
import { Editor } from './editor.tsx'
import { EmailList } from './email-list.tsx'
import { type Rule, rulesOf, useEmail, withSubjectsOf } from './use-email.ts'

/** `#/content` lists the emails, `#/content/<rule>` edits one. All of it is the draft of the playbook. */
export function ContentPage({ session, path }: { session: Session; path: string }) {
  const published = useApi('GET /api/playbook')
  const stored = useStoredDraft()
  const failed = [published, stored].find((loaded) => loaded.state === 'failed')
  const reload = () => {
    published.reload()
    stored.reload()
  }
  if (published.data && stored.data)
    return (
      <Desk
        key={published.data.version}
        published={published.data}
        stored={stored.data.draft}
        session={session}
        ruleId={ruleIdOf(path)}
        onPublished={(version) => {
          stored.set({ draft: null })
          published.set(version)
        }}
      />
    )
  return (
    <>
      <h1>Edit emails</h1>
      {failed?.state === 'failed' ? (
        <ErrorNote error={failed.error} retry={reload} />
      ) : (
        <Loading what="the emails" />
      )}
    </>
  )
}

function ruleIdOf(path: string): string | null {
  const part = path.split('/')[2]
  if (!part) return null
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function Desk({
  published,
  stored,
  session,
  ruleId,
  onPublished,
}: {
  published: Version
  stored: StoredDraft | null
  session: Session
  ruleId: string | null
  onPublished: (version: Version) => void
}) {
  const draft = useDraft(published, stored)
  const before = published.playbook as Playbook
  const rule = rulesOf(draft.playbook).find(({ id }) => id === ruleId)
  const ours = useOurs(rule?.kind ?? 'custom')
  const changed = useMemo(
    () => differences(withOurs(before, rule, ours.data), draft.playbook, sentenceLanguages.en),
    [before, draft.playbook, rule, ours.data],
  )
  return (
    <>
      {ruleId === null ? (
        <EmailList draft={draft} published={before} />
      ) : rule ? (
        <OneEmail key={ruleId} rule={rule} draft={draft} before={before} ours={ours} session={session} />
      ) : (
        <Empty title="No such email">
          <p>
            <a href={editorListHref}>See all emails</a>
          </p>
        </Empty>
      )}
      <PublishBar
        draft={draft}
        published={published}
        changed={changed}
        canPublish={isAdmin(session)}
        onPublished={onPublished}
      />
      <DraftStrip draft={draft} count={changed.length} />
    </>
  )
}

type Ours = ReturnType<typeof useOurs>

/** The email that we bring of a kind; null: none. */
function useOurs(kind: MessageKind) {
  return useLoad(
    useCallback(
      async (signal: AbortSignal): Promise<EmailContent | null> =>
        kind === 'custom'
          ? null
          : (await call('GET /api/content/ready/{id}', { params: { id: kind }, signal })).content,
      [kind],
    ),
  )
}

/** An email that was ours until now is compared with ours, not with nothing. */
function withOurs(before: Playbook, rule: Rule | undefined, ours: EmailContent | null): Playbook {
  if (!rule?.content || !ours) return before
  const messages = rulesOf(before).map((one) =>
    one.id === rule.id && !one.content ? { ...one, subjects: [], content: withSubjectsOf(one, ours) } : one,
  )
  return { ...before, messages }
}

function OneEmail({
  rule,
  draft,
  before,
  ours,
  session,
}: {
  rule: Rule
  draft: Draft
  before: Playbook
  ours: Ours
  session: Session
}) {
  const now = rulesOf(before).find(({ id }) => id === rule.id)
  const email = useEmail(draft, rule, ours.data, now !== undefined)
  if (ours.state === 'failed') return <ErrorNote error={ours.error} retry={ours.reload} />
  if (ours.state === 'loading' && !ours.data) return <Loading what="the email" />
  if (!email)
    return (
      <Empty title="This email has no words yet">
        <p>It is written in a template of your own. Its words are in that file.</p>
      </Empty>
    )
  const published = now ? (now.content ?? (ours.data && withSubjectsOf(now, ours.data))) : null
  return <Editor email={email} draft={draft} published={published} session={session} />
}
