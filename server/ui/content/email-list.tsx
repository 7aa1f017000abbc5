import { useMemo, useState } from 'preact/hooks'
import { languageStates } from '../../../shared/content/languages.ts'
import { kindLabels } from '../../../shared/labels.ts'
import { messageGrammar } from '../../../shared/sentence/grammar.ts'
import { sentenceLanguages } from '../../../shared/sentence/languages.ts'
import { sameValue } from '../../../shared/sentence/paths.ts'
import { plainText } from '../../../shared/sentence/piece.ts'
import { writeSentences } from '../../../shared/sentence/sentence.ts'
import { namesOf } from '../playbook/names.ts'
import type { Draft, Playbook } from '../playbook/use-draft.ts'
import { TableHead } from '../shared/parts.tsx'
import { editorHref } from './address.ts'
import { NewEmail } from './new-email.tsx'
import { type Rule, rulesOf } from './use-email.ts'

/** “Send Upgrade now …”; nothing where it cannot be said. */
function sentenceOf({ content: _, ...rule }: Rule): string {
  try {
    const [main] = writeSentences(rule, messageGrammar, sentenceLanguages.en)
    return main ? plainText(main.pieces) : ''
  } catch {
    return ''
  }
}

function wordsState({ content }: Rule): string {
  if (!content) return 'Our words'
  const open = languageStates(content).filter(({ isUsed, outdated }) => !isUsed || outdated.length > 0)
  const many = Object.keys(content.texts).length
  const languages = many === 1 ? '1 language' : `${many} languages`
  return `Your words, ${languages}${open.length > 0 ? `, ${open.length} to finish` : ''}`
}

/** Every email of the draft, and the way to a new one. */
export function EmailList({ draft, published }: { draft: Draft; published: Playbook }) {
  const [isNew, setNew] = useState(false)
  const rules = rulesOf(draft.playbook)
  const names = useMemo(() => namesOf(draft.playbook), [draft.playbook])
  const before = new Map(rulesOf(published).map((rule) => [rule.id, rule]))
  return (
    <>
      <div class="row head">
        <h1>Edit emails</h1>
        <button type="button" class="primary" aria-expanded={isNew} onClick={() => setNew(!isNew)}>
          New email
        </button>
      </div>
      <p class="quiet">
        Every word can be yours. What you change is a draft; nothing changes for anyone until it is published.
      </p>
      {isNew && <NewEmail draft={draft} names={names} close={() => setNew(false)} />}
      <section class="card">
        <div class="scroll">
          <table class="list">
            <TableHead titles={['Email', 'When it goes', 'Words']} />
            <tbody>
              {rules.map((rule) => (
                <tr key={rule.id}>
                  <th scope="row">
                    <a href={editorHref(rule.id)}>{rule.name ?? kindLabels[rule.kind]}</a>
                    <small>{rule.id}</small>
                  </th>
                  <td data-label="When it goes">{sentenceOf(rule)}</td>
                  <td data-label="Words" class="words-state">
                    {wordsState(rule)}
                    {!sameValue(before.get(rule.id), rule) && <span class="changed-mark">changed</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  )
}
