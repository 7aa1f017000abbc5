import { useEffect, useMemo, useState } from 'preact/hooks'
import { languageStates } from '../../../shared/content/languages.ts'
import { kindLabels } from '../../../shared/labels.ts'
import type { BlockContent, EmailContent } from '../../../shared/playbook/content.ts'
import { messageGrammar } from '../../../shared/sentence/grammar.ts'
import { sentenceLanguages } from '../../../shared/sentence/languages.ts'
import { namesOf } from '../playbook/names.ts'
import { RuleSentences } from '../playbook/rule-card.tsx'
import type { Draft, Playbook } from '../playbook/use-draft.ts'
import type { Session } from '../shared/api.ts'
import { useApi } from '../shared/hooks.ts'
import { AddBlock } from './add-block.tsx'
import { editorListHref } from './address.ts'
import { BlockList, type Chosen } from './block-list.tsx'
import { CompareView } from './compare-view.tsx'
import { HeadInspector } from './head-inspector.tsx'
import { Inspector } from './inspector.tsx'
import { LanguagesView } from './languages-view.tsx'
import { LiquidInspector } from './liquid-inspector.tsx'
import { PreviewPane } from './preview-pane.tsx'
import { TestSend } from './test-send.tsx'
import type { PreviewRequest, Reader } from './types.ts'
import type { Email, Rule } from './use-email.ts'
import { previewable, usePreview } from './use-preview.ts'

const views = { words: 'Words', languages: 'Languages', when: 'When it goes', compare: 'Compare' } as const
type View = keyof typeof views

const emailName = ({ name, kind }: Rule): string => name ?? kindLabels[kind]

const focusInspector = () =>
  requestAnimationFrame(() => {
    const first = '.inspector textarea, .inspector [contenteditable], .inspector select, .inspector input'
    document.querySelector<HTMLElement>(first)?.focus()
  })

/** One email: its parts, the chosen part, and how it reads. */
export function Editor({
  email,
  draft,
  published,
  session,
}: {
  email: Email
  draft: Draft
  /** What goes out now; null: nothing yet. */
  published: EmailContent | null
  session: Session
}) {
  const { content, rule } = email
  const [view, setView] = useState<View>('words')
  const [chosen, setChosen] = useState<Chosen>(null)
  const [reader, setReader] = useState<Reader>({ person: { segment: 'activated' }, locale: undefined })
  const [variant, setVariant] = useState(0)
  const [translating, setTranslating] = useState<string | null>(null)
  const [said, announce] = useState('')
  const request: PreviewRequest = {
    content: previewable(content),
    rule: ruleParts(rule, email.isPublished),
    person: reader.person,
    variant,
    ...(reader.locale && { locale: reader.locale }),
  }
  const live = usePreview(request)
  const { data } = useApi('POST /api/content/variables', {
    body: {
      rule: ruleParts(rule, email.isPublished),
      person: reader.person,
      ...(reader.locale && { locale: reader.locale }),
    },
  })
  const variables = data?.variables ?? []
  const findings = live.preview?.findings ?? []
  const show = (block: Chosen) => {
    setView('words')
    setChosen(block)
    focusInspector()
  }
  const translate = (locale: string) => {
    setTranslating(locale)
    setReader(({ person }) => ({ person, locale }))
  }
  useUndoKeys(draft)
  return (
    <div class="content-editor">
      <p class="crumb">
        <a href={editorListHref}>Edit emails</a>
      </p>
      <h1>{emailName(rule)}</h1>
      <EditorHead
        email={email}
        view={view}
        setView={(next) => {
          setView(next)
          const [, first] = languageStates(content).map(({ locale }) => locale)
          if (next === 'languages' && translating === null && first) translate(first)
        }}
      />
      <p class="sr" role="status" aria-live="polite">
        {said}
      </p>
      <div class={`editor-grid editor-${view}`}>
        {view === 'words' && (
          <WordsView
            email={email}
            draft={draft}
            live={live}
            variables={variables}
            chosen={chosen}
            variant={variant}
            setVariant={setVariant}
            setChosen={setChosen}
            announce={announce}
          />
        )}
        {view === 'languages' && (
          <LanguagesView
            content={content}
            variables={variables}
            findings={findings}
            change={email.change}
            locale={translating}
            choose={translate}
          />
        )}
        {view === 'when' && <WhenView email={email} playbook={draft.playbook} />}
        {view === 'compare' && <CompareView before={published} after={content} />}
        <div class="editor-side">
          <PreviewPane
            live={live}
            reader={reader}
            locales={Object.keys(content.texts)}
            change={setReader}
            show={show}
          />
          <TestSend request={request} session={session} />
        </div>
      </div>
    </div>
  )
}

/** What the preview must know of a rule; one that is published is known by its id. */
function ruleParts({ id, kind, sender, milestone }: Rule, isPublished: boolean): PreviewRequest['rule'] {
  return { ...(isPublished && { id }), kind, ...(sender && { sender }), ...(milestone && { milestone }) }
}

/** Ctrl or Cmd with Z takes back a change of the email, wherever the cursor is. */
function useUndoKeys({ undo, redo }: Draft) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return
      // A search or a note is no part of the email: the browser takes back what was typed there.
      if (event.target instanceof HTMLInputElement) return
      const key = event.key.toLowerCase()
      const isRedo = key === 'y' || (key === 'z' && event.shiftKey)
      if (key !== 'z' && !isRedo) return
      event.preventDefault()
      if (isRedo) redo()
      else undo()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [undo, redo])
}

function EditorHead({ email, view, setView }: { email: Email; view: View; setView: (view: View) => void }) {
  const { isOwn, ours } = email
  return (
    <div class="row start editor-head">
      <fieldset class="tabs">
        <legend class="sr">View</legend>
        {(Object.keys(views) as View[]).map((one) => (
          <label key={one} class="tab">
            <input type="radio" name="editor-view" checked={view === one} onChange={() => setView(one)} />
            <span>{views[one]}</span>
          </label>
        ))}
      </fieldset>
      <p class="quiet">
        {ours === null
          ? 'An email of your own.'
          : isOwn
            ? 'Your words, from ours.'
            : 'Our words. Change any of them, and the email is yours.'}
      </p>
      {ours !== null && isOwn && (
        <button type="button" class="plain" onClick={email.reset}>
          Reset the whole email to ours
        </button>
      )}
    </div>
  )
}

function WordsView({
  email,
  draft,
  live,
  chosen,
  variant,
  variables,
  setVariant,
  setChosen,
  announce,
}: {
  email: Email
  draft: Draft
  live: ReturnType<typeof usePreview>
  chosen: Chosen
  variant: number
  variables: Parameters<typeof HeadInspector>[0]['variables']
  setVariant: (variant: number) => void
  setChosen: (chosen: Chosen) => void
  announce: (text: string) => void
}) {
  const { content, ours, change } = email
  const names = useMemo(() => namesOf(draft.playbook), [draft.playbook])
  const values = useMemo(() => valueLabels(draft.playbook), [draft.playbook])
  const findings = live.preview?.findings ?? []
  if (content.format === 'liquid')
    return <LiquidInspector content={content} findings={findings} change={change} />
  const oursInBlocks = ours?.format === 'blocks' ? ours : null
  const block = content.blocks.find(({ id }) => id === chosen)
  const act = (next: BlockContent, id: Chosen, words: string) => {
    change(next)
    setChosen(id)
    announce(words)
  }
  const after = block ? content.blocks.indexOf(block) + 1 : content.blocks.length
  return (
    <>
      <div class="editor-list">
        <BlockList
          content={content}
          chosen={block?.id ?? null}
          preview={live.preview}
          choose={setChosen}
          change={change}
          announce={announce}
        />
        <AddBlock
          content={content}
          ours={oursInBlocks}
          at={after}
          change={(next, id, title) => {
            act(next, id, `${title} added`)
            focusInspector()
          }}
        />
      </div>
      {block ? (
        <Inspector
          key={block.id}
          block={block}
          content={content}
          ours={oursInBlocks}
          variables={variables}
          findings={findings}
          faults={live.faults}
          names={names}
          values={values}
          change={change}
          act={act}
        />
      ) : (
        <HeadInspector
          content={content}
          preview={live.preview}
          variant={variant}
          variables={variables}
          findings={findings}
          chooseVariant={setVariant}
          change={change}
        />
      )}
    </>
  )
}

function valueLabels(playbook: Playbook): Readonly<Record<string, string>> {
  const values = (playbook.values ?? {}) as Readonly<Record<string, { readonly label?: unknown }>>
  return Object.fromEntries(Object.entries(values).map(([id, value]) => [id, String(value?.label ?? id)]))
}

/** Said elsewhere: by the editor itself, or by who made the rule. */
const elsewhere = ['id', 'subjects', 'content', 'template'] as const
const whenGrammar = messageGrammar.filter(
  ({ phrase }) => !elsewhere.some((member) => phrase === `message.${member}`),
)

/** To whom and when, in the sentences of the playbook page. */
function WhenView({ email, playbook }: { email: Email; playbook: Playbook }) {
  const names = useMemo(() => namesOf(playbook), [playbook])
  const isElsewhere = (name: string) => elsewhere.some((member) => member === name)
  const spoken = Object.fromEntries(Object.entries(email.rule).filter(([name]) => !isElsewhere(name)))
  const change = (rule: object) => {
    const all = Object.entries({ ...email.rule, ...rule })
    const members = all.filter(([name]) => isElsewhere(name) || name in rule)
    email.changeRule(Object.fromEntries(members) as unknown as Rule)
  }
  return (
    <section class="card">
      <h2>To whom and when</h2>
      <RuleSentences
        rule={spoken}
        change={(rule) => change(rule as object)}
        isFolded={false}
        grammar={whenGrammar}
        words={sentenceLanguages.en}
        names={names}
        readOnly={false}
      />
    </section>
  )
}
