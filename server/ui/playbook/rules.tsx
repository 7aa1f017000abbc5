import { useMemo } from 'preact/hooks'
import type { Fault } from '../../../shared/problems.ts'
import { type PlaybookPart, playbookParts } from '../../../shared/sentence/parts.ts'
import { atPath, sameValue, withPath } from '../../../shared/sentence/paths.ts'
import type { Words } from '../../../shared/sentence/words.ts'
import { editorHref } from '../content/address.ts'
import { namesOf } from './names.ts'
import { copiedRule, newRule } from './new-rules.ts'
import { RuleSentences } from './rule-card.tsx'
import { sectionTitles } from './section-titles.ts'
import type { Names } from './slot-editor.tsx'
import type { Playbook } from './use-draft.ts'

interface RulesParts {
  readonly playbook: Playbook
  readonly published: Playbook
  readonly faults: readonly Fault[]
  readonly words: Words
  readonly readOnly: boolean
  readonly change: (playbook: Playbook) => void
}

/** The whole playbook in sentences, section by section. */
export function Rules(parts: RulesParts) {
  const names = useMemo(() => namesOf(parts.playbook), [parts.playbook])
  return (
    <div class="studio">
      <nav class="studio-nav" aria-label="Sections of the playbook">
        {playbookParts.map(({ id, path, listBy }) => {
          const value = atPath(parts.playbook, path)
          return (
            <button
              key={id}
              type="button"
              class="plain"
              onClick={() => document.getElementById(`part-${id}`)?.scrollIntoView({ block: 'start' })}
            >
              {sectionTitles[id].title}
              {listBy !== undefined && Array.isArray(value) && <small>{value.length}</small>}
              {!sameValue(value, atPath(parts.published, path)) && <span class="changed-mark">changed</span>}
            </button>
          )
        })}
      </nav>
      <div class="studio-parts">
        {playbookParts.map((part) => (
          <PartSection key={part.id} part={part} names={names} {...parts} />
        ))}
      </div>
    </div>
  )
}

type SectionParts = RulesParts & { readonly part: PlaybookPart; readonly names: Names }

function PartSection(parts: SectionParts) {
  const { part, playbook, change } = parts
  const { title, about } = sectionTitles[part.id]
  const value = atPath(playbook, part.path)
  const set = (next: unknown) => change(withPath(playbook, part.path, next) as Playbook)
  return (
    <section class="card" id={`part-${part.id}`} aria-labelledby={`part-${part.id}-title`}>
      <h2 id={`part-${part.id}-title`}>{title}</h2>
      <p class="quiet">{about}</p>
      {part.listBy === undefined ? (
        <>
          <RuleSentences
            rule={value}
            change={set}
            isFolded={false}
            grammar={part.grammar}
            words={parts.words}
            names={parts.names}
            readOnly={parts.readOnly}
          />
          <Faults faults={parts.faults} pointer={`/${part.path.join('/')}`} />
        </>
      ) : (
        <RuleList {...parts} list={Array.isArray(value) ? value : []} set={set} />
      )}
    </section>
  )
}

function RuleList({
  list,
  set,
  ...parts
}: SectionParts & { list: readonly unknown[]; set: (list: readonly unknown[]) => void }) {
  const { part, published, names, readOnly } = parts
  const { one } = sectionTitles[part.id]
  const before = atPath(published, part.path)
  const wasPublished = (rule: unknown) =>
    Array.isArray(before) && before.some((other) => sameValue(other, rule))
  const replace = (index: number, rule: unknown) =>
    set(list.map((other, at) => (at === index ? rule : other)))
  const move = (index: number, by: number) => {
    const next = [...list]
    const [moved] = next.splice(index, 1)
    next.splice(index + by, 0, moved)
    set(next)
  }
  return (
    <>
      {list.length === 0 && <p class="quiet">None yet.</p>}
      <ol class="rules">
        {list.map((rule, index) => (
          <li key={index} class={wasPublished(rule) ? undefined : 'changed'}>
            <RuleSentences
              rule={rule}
              change={(next) => replace(index, next)}
              isFolded
              grammar={part.grammar}
              words={parts.words}
              names={names}
              readOnly={readOnly}
            />
            <Faults faults={parts.faults} pointer={`/${part.path.join('/')}/${index}`} />
            {!readOnly && (
              <div class="rule-tools row start">
                {!wasPublished(rule) && <span class="changed-mark">changed</span>}
                {part.id === 'messages' && (
                  <a class="button plain" href={editorHref(String(atPath(rule, ['id'])))}>
                    Edit the words
                  </a>
                )}
                <button
                  type="button"
                  class="plain"
                  onClick={() =>
                    set([
                      ...list.slice(0, index + 1),
                      copiedRule(rule, list, part.listBy ?? null),
                      ...list.slice(index + 1),
                    ])
                  }
                >
                  Duplicate
                </button>
                {part.listBy !== 'id' && index > 0 && (
                  <button type="button" class="plain" onClick={() => move(index, -1)}>
                    Move up
                  </button>
                )}
                {part.listBy !== 'id' && index < list.length - 1 && (
                  <button type="button" class="plain" onClick={() => move(index, 1)}>
                    Move down
                  </button>
                )}
                <button type="button" class="plain" onClick={() => set(list.filter((_, at) => at !== index))}>
                  Delete
                </button>
              </div>
            )}
          </li>
        ))}
      </ol>
      {!readOnly && (
        <button type="button" onClick={() => set([...list, newRule(part.id, list, names)])}>
          Add {/^[aeiou]/.test(one) ? 'an' : 'a'} {one}
        </button>
      )}
    </>
  )
}

/** What is wrong with this part, and nothing else’s. */
function Faults({ faults, pointer }: { faults: readonly Fault[]; pointer: string }) {
  const own = faults.filter((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))
  if (own.length === 0) return null
  return (
    <div class="note note-error" role="alert">
      <ul>
        {own.map((fault) => (
          <li key={`${fault.pointer} ${fault.detail}`}>
            <code>{fault.pointer.slice(pointer.length + 1) || 'this'}</code> {fault.detail}
          </li>
        ))}
      </ul>
    </div>
  )
}
