import { useState } from 'preact/hooks'
import type { BlockType } from '../../../shared/content/blocks.ts'
import { addBlock, blankBlock, emptyEmail } from '../../../shared/content/edit.ts'
import type { EmailContent } from '../../../shared/playbook/content.ts'
import { messageGrammar } from '../../../shared/sentence/grammar.ts'
import { sentenceLanguages } from '../../../shared/sentence/languages.ts'
import { recipientRoles } from '../../../shared/trial.ts'
import { RuleSentences } from '../playbook/rule-card.tsx'
import type { Names } from '../playbook/slot-editor.tsx'
import type { Draft, Playbook } from '../playbook/use-draft.ts'
import { call } from '../shared/api.ts'
import { Submit } from '../shared/form-parts.tsx'
import { useAction, useApi } from '../shared/hooks.ts'
import { editorHref } from './address.ts'
import { type Rule, rulesOf } from './use-email.ts'

/** Moments that emails of one’s own mostly go out at; each can be changed in its sentence. */
const moments = {
  stalled: {
    label: 'someone has stalled',
    rule: { anchor: 'lastSeen', offset: '3d', when: { pace: ['stalled'], status: ['trialing'] } },
  },
  start: {
    label: 'some days after sign-up',
    rule: { anchor: 'trialStart', offset: '2d', when: { status: ['trialing'] } },
  },
  activated: {
    label: 'someone is activated',
    rule: { anchor: 'activated', offset: '1d', when: { status: ['trialing'] } },
  },
  end: {
    label: 'the trial is about to end',
    rule: { anchor: 'trialEnd', offset: '-2d', when: { status: ['trialing'] } },
  },
  after: {
    label: 'some time after the end',
    rule: { anchor: 'trialEnd', offset: '30d', when: { status: ['ended'] } },
  },
} as const satisfies Record<
  string,
  { label: string; rule: Pick<Rule, 'anchor' | 'offset'> & { when: object } }
>

const firstRule = {
  kind: 'custom',
  class: 'trial',
  ...moments.stalled.rule,
  window: 'default',
  sendTime: 'fixed',
  maxLateness: '1d',
  priority: 30,
  repeat: 'once',
  cap: 1,
  subjects: [],
  sender: 'rep',
  goal: 'activation',
  quotesEnd: false,
}

/** `setup-help` for “Setup help”, and another one where that is taken. */
function freshRuleId(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-|-$/g, '')
  const stem = plain || 'own-email'
  for (let n = 1; ; n++) {
    const id = n === 1 ? stem : `${stem}-${n}`
    if (!taken.includes(id)) return id
  }
}

const sourceOf = (playbook: Playbook): string => {
  const { locale } = (playbook.product ?? {}) as { locale?: unknown }
  return typeof locale === 'string' && locale !== '' ? locale : 'en'
}

/** What an email mostly has, without words. */
const scratch = (source: string): EmailContent =>
  (['heading', 'text', 'button', 'signature'] as const).reduce<ReturnType<typeof emptyEmail>>(
    (content, type: BlockType) => addBlock(content, blankBlock(content, type), content.blocks.length),
    emptyEmail(source),
  )

/** Name, purpose, recipient, moment and what to begin with; the words come next. */
export function NewEmail({ draft, names, close }: { draft: Draft; names: Names; close: () => void }) {
  const [name, setName] = useState('')
  const [from, setFrom] = useState('')
  const [rule, setRule] = useState<Record<string, unknown>>(firstRule)
  const ready = useApi('GET /api/content/ready')
  const { busy, error, run } = useAction()
  const words = sentenceLanguages.en
  const purpose = ready.data?.emails.find(({ id }) => id === from)?.purpose
  const create = () =>
    run(async () => {
      const content = from
        ? (await call('GET /api/content/ready/{id}', { params: { id: from } })).content
        : scratch(sourceOf(draft.playbook))
      const id = freshRuleId(
        name,
        rulesOf(draft.playbook).map((one) => one.id),
      )
      const messages = [...rulesOf(draft.playbook), { ...rule, id, name: name.trim(), content }]
      draft.change({ ...draft.playbook, messages })
      window.location.hash = editorHref(id)
    })
  return (
    <form
      class="card new-email"
      aria-labelledby="new-email-title"
      onSubmit={(event) => {
        event.preventDefault()
        void create()
      }}
    >
      <h2 id="new-email-title">New email</h2>
      <label>
        Name
        <input
          autofocus
          required
          maxLength={60}
          placeholder="Setup help"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <div class="row start">
        <Select
          label="Its goal"
          value={String(rule.goal)}
          options={Object.entries(words.choices.goal)}
          set={(goal) => setRule({ ...rule, goal })}
        />
        <Select
          label="In a company, to"
          value={String(rule.to ?? 'actor')}
          options={recipientRoles.map((role) => [role, words.choices.recipient[role]])}
          set={(to) => setRule({ ...rule, to })}
        />
        <label>
          Begin with
          <select value={from} onChange={(event) => setFrom(event.currentTarget.value)}>
            <option value="">an empty email</option>
            {(['ours', 'gallery'] as const).map((group) => {
              const emails = ready.data?.emails.filter(
                ({ kind }) => (kind === null) === (group === 'gallery'),
              )
              return emails && emails.length > 0 ? (
                <optgroup key={group} label={group === 'ours' ? 'One of ours' : 'Gallery'}>
                  {emails.map((email) => (
                    <option key={email.id} value={email.id}>
                      {email.name}
                    </option>
                  ))}
                </optgroup>
              ) : null
            })}
          </select>
        </label>
        <label>
          It goes when
          <select
            onChange={({ currentTarget: { value } }) =>
              setRule({ ...rule, ...moments[value as keyof typeof moments].rule })
            }
          >
            {Object.entries(moments).map(([id, { label }]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {purpose && <p class="quiet">{purpose}</p>}
      <RuleSentences
        rule={rule}
        change={(next) => setRule(next as Record<string, unknown>)}
        isFolded
        grammar={messageGrammar}
        words={words}
        names={names}
        readOnly={false}
      />
      <div class="row start">
        <Submit busy={busy} error={error} doing="Making it …" disabled={name.trim() === ''}>
          Write it
        </Submit>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  )
}

function Select({
  label,
  value,
  options,
  set,
}: {
  label: string
  value: string
  options: readonly (readonly [string, string])[]
  set: (value: string) => void
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
