import type { Difference } from '../../../shared/sentence/difference.ts'
import { sectionTitles } from './section-titles.ts'

const titleOf = ({ part, rule }: Difference): string => {
  const title = sectionTitles[part as keyof typeof sectionTitles]?.title ?? part
  return rule === null ? title : `${title}: ${rule}`
}

const verbs = { added: 'added', removed: 'removed', changed: 'changed' }

/** What differs between two playbooks, sentence by sentence. */
export function Changes({ differences }: { differences: readonly Difference[] }) {
  if (differences.length === 0) return <p class="quiet">No differences.</p>
  return (
    <ul class="changes">
      {differences.map((one) => (
        <li key={`${one.part} ${one.rule}`}>
          <h3>
            {titleOf(one)} <small>{verbs[one.change]}</small>
          </h3>
          {one.before.map((text) => (
            <p key={text} class="was">
              <del>
                <span class="sr">Before: </span>
                {text}
              </del>
            </p>
          ))}
          {one.after.map((text) => (
            <p key={text} class="is">
              <ins>
                <span class="sr">After: </span>
                {text}
              </ins>
            </p>
          ))}
        </li>
      ))}
    </ul>
  )
}
