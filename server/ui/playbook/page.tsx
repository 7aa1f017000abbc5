import { useMemo, useState } from 'preact/hooks'
import { differences } from '../../../shared/sentence/difference.ts'
import { sentenceLanguages } from '../../../shared/sentence/languages.ts'
import type { SentenceLanguage } from '../../../shared/sentence/words.ts'
import { isAdmin, type Session } from '../shared/api.ts'
import { dateTimeText } from '../shared/format.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading } from '../shared/parts.tsx'
import { JsonEditor } from './json-editor.tsx'
import { DraftStrip, PublishBar } from './publish-bar.tsx'
import { Rules } from './rules.tsx'
import { type Playbook, type StoredDraft, useDraft, useStoredDraft, type Version } from './use-draft.ts'
import { Versions } from './versions.tsx'

export function PlaybookPage({ session }: { session: Session }) {
  const published = useApi('GET /api/playbook')
  const stored = useStoredDraft()
  const reload = () => {
    published.reload()
    stored.reload()
  }
  const failed = [published, stored].find((loaded) => loaded.state === 'failed')
  return (
    <>
      <h1>Playbook</h1>
      <p class="quiet">Everything you can decide: emails, nudges, milestones, fit, limits.</p>
      {failed?.state === 'failed' && <ErrorNote error={failed.error} retry={reload} />}
      {!failed && !(published.data && stored.data) && <Loading what="the playbook" />}
      {published.data && stored.data && (
        <Studio
          key={published.data.version}
          published={published.data}
          stored={stored.data.draft}
          session={session}
          onPublished={(version) => {
            stored.set({ draft: null })
            published.set(version)
          }}
        />
      )}
    </>
  )
}

const views = { rules: 'Rules', json: 'JSON', versions: 'Versions' } as const
type View = keyof typeof views

const languageNames: Readonly<Record<SentenceLanguage, string>> = {
  en: 'English',
  de: 'Deutsch',
  ko: '한국어',
  vi: 'Tiếng Việt',
}

function Studio({
  published,
  stored,
  session,
  onPublished,
}: {
  published: Version
  stored: StoredDraft | null
  session: Session
  onPublished: (version: Version) => void
}) {
  const draft = useDraft(published, stored)
  const [view, setView] = useState<View>('rules')
  const [language, setLanguage] = useState<SentenceLanguage>('en')
  const words = sentenceLanguages[language]
  const { playbook, change } = draft
  const changed = useMemo(
    () => differences(published.playbook, playbook, words),
    [published.playbook, playbook, words],
  )
  return (
    <>
      <div class="row head">
        <fieldset class="tabs">
          <legend class="sr">View</legend>
          {(Object.keys(views) as View[]).map((one) => (
            <label key={one} class="tab">
              <input type="radio" name="view" checked={view === one} onChange={() => setView(one)} />
              <span>{views[one]}</span>
            </label>
          ))}
        </fieldset>
        <label class="row">
          <span class="quiet">Language</span>
          <select
            value={language}
            onChange={(event) => setLanguage(event.currentTarget.value as SentenceLanguage)}
          >
            {Object.entries(languageNames).map(([tag, name]) => (
              <option key={tag} value={tag} lang={tag}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="quiet">
        Version {published.version}, published {dateTimeText(published.at)}
        {published.note && `: ${published.note}`}
      </p>
      <PublishBar
        draft={draft}
        published={published}
        changed={changed}
        canPublish={isAdmin(session)}
        onPublished={onPublished}
      />
      {view === 'rules' && (
        <Rules
          playbook={playbook}
          published={published.playbook as Playbook}
          faults={draft.faults}
          words={words}
          readOnly={false}
          change={change}
        />
      )}
      {view === 'json' && <JsonEditor playbook={playbook} faults={draft.faults} change={change} />}
      {view === 'versions' && (
        <Versions
          current={published.version}
          draft={playbook}
          words={words}
          readOnly={false}
          restore={(restored) => {
            change(restored)
            setView('rules')
          }}
        />
      )}
      <DraftStrip draft={draft} count={changed.length} />
    </>
  )
}
