import { useState } from 'preact/hooks'

import { useApi, useSettled } from '../shared/hooks.ts'
import { Dialog, ErrorNote, Loading } from '../shared/parts.tsx'
import type { MailChoice } from './address.ts'
import { LocaleSelect } from './locale.tsx'
import type { TemplateRule, Templates } from './types.ts'
import { situationName } from './words.ts'

type Change = (choice: MailChoice) => void

/** Without the members that are undefined: addresses and questions name only what was chosen. */
const defined = (choice: { [K in keyof MailChoice]: MailChoice[K] | undefined }): MailChoice =>
  Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== undefined))

export function MailChoices({
  templates,
  rules,
  choice,
  onChange,
}: {
  templates: Templates
  rules: readonly TemplateRule[]
  choice: MailChoice
  onChange: Change
}) {
  const { locale, fixture, userId } = choice
  return (
    <div class="row start mail-choices">
      <Person
        userId={userId}
        onChange={(next) => onChange(defined({ ...choice, userId: next, fixture: undefined }))}
      />
      {userId === undefined && (
        <label>
          Situation
          <select
            value={fixture ?? 'normal'}
            onChange={({ currentTarget: { value } }) =>
              onChange(
                defined({
                  ...choice,
                  fixture: value === 'normal' ? undefined : (value as MailChoice['fixture']),
                }),
              )
            }
          >
            {templates.fixtures.map((each) => (
              <option key={each} value={each}>
                {situationName(each)}
              </option>
            ))}
          </select>
        </label>
      )}
      <LocaleSelect
        locales={templates.locales}
        locale={locale}
        onChange={(next) => onChange(defined({ ...choice, locale: next }))}
      />
      <SubjectSelect rules={rules} choice={choice} onChange={onChange} />
    </div>
  )
}

/** Every subject that a rule of the playbook may choose; nothing where there is no choice. */
function SubjectSelect({
  rules,
  choice,
  onChange,
}: {
  rules: readonly TemplateRule[]
  choice: MailChoice
  onChange: Change
}) {
  const subjects = rules.flatMap(({ id, subjects: own, enabled }) =>
    (own.length > 0 ? own : ['The template’s subject']).map((subject, variant) => ({
      rule: id,
      variant,
      label: `${subject}${rules.length > 1 ? ` · ${id}` : ''}${enabled ? '' : ' (off)'}`,
    })),
  )
  if (subjects.length < 2) return null
  const chosen = subjects.findIndex(
    ({ rule, variant }) => rule === (choice.rule ?? rules[0]?.id) && variant === (choice.variant ?? 0),
  )
  return (
    <label class="subject-select">
      Subject
      <select
        value={chosen}
        onChange={({ currentTarget: { value } }) => {
          const { rule, variant } = subjects[Number(value)] ?? {}
          onChange(defined({ ...choice, rule, variant }))
        }}
      >
        {subjects.map(({ rule, variant, label }, index) => (
          <option key={`${rule} ${variant}`} value={index}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Whose facts the email tells: a sample’s, or those of one trialist as they stand. */
function Person({
  userId,
  onChange,
}: {
  userId: string | undefined
  onChange: (userId: string | undefined) => void
}) {
  const [asking, setAsking] = useState(false)
  return (
    <div>
      <span class="field-name">Recipient</span>
      <div class="row start">
        {userId === undefined ? (
          <span>Sample data</span>
        ) : (
          <a href={`#/trialists/${encodeURIComponent(userId)}`}>{userId}</a>
        )}
        <button type="button" class="plain" onClick={() => setAsking(true)}>
          Choose a trialist
        </button>
        {userId !== undefined && (
          <button type="button" class="plain" onClick={() => onChange(undefined)}>
            Back to the sample
          </button>
        )}
      </div>
      {asking && (
        <PersonDialog
          onClose={() => setAsking(false)}
          onChoose={(chosen) => {
            setAsking(false)
            onChange(chosen)
          }}
        />
      )}
    </div>
  )
}

export function PersonDialog({
  onClose,
  onChoose,
}: {
  onClose: () => void
  onChoose: (userId: string) => void
}) {
  const [search, setSearch] = useState('')
  const q = useSettled(search.trim())
  const found = useApi('GET /api/trialists', { query: { limit: 8, ...(q && { q }) } })
  return (
    <Dialog title="Choose a trialist" onClose={onClose}>
      <label>
        Name, email, company or user ID
        <input
          type="search"
          autofocus
          value={search}
          maxLength={200}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      {found.state === 'failed' && <ErrorNote error={found.error} retry={found.reload} />}
      {!found.data && found.state === 'loading' && <Loading what="trialists" />}
      <ul class="plain-list people" aria-busy={found.state === 'loading'}>
        {found.data?.trialists.map(({ userId, name, email, company }) =>
          userId === null ? null : (
            <li key={userId}>
              <button type="button" class="plain" onClick={() => onChoose(userId)}>
                {name ?? email ?? userId}
                <small>{[email, company, userId].filter(Boolean).join(' · ')}</small>
              </button>
            </li>
          ),
        )}
      </ul>
      <p class="quiet" role="status">
        {found.data?.trialists.length === 0 && 'No match.'}
      </p>
    </Dialog>
  )
}
