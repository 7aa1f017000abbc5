import { liquidFields } from '../../../shared/content/blocks.ts'
import { setWords } from '../../../shared/content/edit.ts'
import type { EmailContent } from '../../../shared/playbook/content.ts'
import type { ContentFinding } from './types.ts'
import { fieldName } from './words.ts'
import { WordsField } from './words-field.tsx'

/** An email that someone writes in Liquid. */
export function LiquidInspector({
  content,
  findings,
  change,
}: {
  content: EmailContent
  findings: readonly ContentFinding[]
  change: (content: EmailContent, step?: string) => void
}) {
  const { source, texts } = content
  return (
    <section class="card inspector" aria-labelledby="inspector-title">
      <h2 id="inspector-title">Liquid</h2>
      {liquidFields.map((field) => (
        <WordsField
          key={field.name}
          label={fieldName(field.name)}
          field={field}
          said={texts[source]?.[field.name]}
          locale={source}
          variables={[]}
          findings={findings.filter((one) => one.field === field.name)}
          change={(said) => change(setWords(content, source, field.name, said), field.name)}
        />
      ))}
    </section>
  )
}
