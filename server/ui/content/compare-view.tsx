import { contentLines } from '../../../shared/content/lines.ts'
import type { EmailContent } from '../../../shared/playbook/content.ts'

/** What the draft says differently from what goes out now. */
export function CompareView({ before, after }: { before: EmailContent | null; after: EmailContent }) {
  const [old, now] = [before ? contentLines(before) : [], contentLines(after)]
  const [gone, come] = [old.filter((line) => !now.includes(line)), now.filter((line) => !old.includes(line))]
  return (
    <section class="card">
      <h2>Compared with what is published</h2>
      {before === null && <p class="quiet">This email is not published yet.</p>}
      {gone.length + come.length === 0 ? (
        <p class="quiet">No differences.</p>
      ) : (
        <ul class="changes">
          {pairs(gone, come).map(([was, is]) => (
            <li key={`${was} ${is}`}>
              {was !== null && (
                <p class="was" dir="auto">
                  <del>
                    <span class="sr">Before: </span>
                    {was}
                  </del>
                </p>
              )}
              {is !== null && (
                <p class="is" dir="auto">
                  <ins>
                    <span class="sr">After: </span>
                    {is}
                  </ins>
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** `title.text (en)` */
const placeOf = (line: string): string => line.slice(0, line.indexOf(': '))

/** What was and is at one place, together. */
function pairs(
  gone: readonly string[],
  come: readonly string[],
): readonly (readonly [string | null, string | null])[] {
  const now = new Map(come.map((line) => [placeOf(line), line]))
  const before = new Set(gone.map(placeOf))
  return [
    ...gone.map((line) => [line, now.get(placeOf(line)) ?? null] as const),
    ...come.filter((line) => !before.has(placeOf(line))).map((line) => [null, line] as const),
  ]
}
