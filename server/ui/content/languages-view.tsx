import { useState } from 'preact/hooks'
import { addLanguage, keepTranslation, removeLanguage, setWords } from '../../../shared/content/edit.ts'
import {
  languageState,
  languageStates,
  type TextPlace,
  textPlaces,
} from '../../../shared/content/languages.ts'
import type { EmailContent } from '../../../shared/playbook/content.ts'
import { languageName } from '../emails/words.ts'
import type { ContentFinding, Variable } from './types.ts'
import { fieldName } from './words.ts'
import { type Said, WordsField } from './words-field.tsx'

/** Offered first; any other tag may be typed. */
const usualLanguages =
  'ar bn cs da de el en es fi fr he hi hu id it ja ko ms nb nl pl pt pt-BR ro ru sv th tr uk vi zh-Hans zh-Hant'.split(
    ' ',
  )

interface LanguageParts {
  readonly content: EmailContent
  readonly variables: readonly Variable[]
  readonly findings: readonly ContentFinding[]
  readonly change: (content: EmailContent, step?: string) => void
}

/** Every text beside its source. */
export function LanguagesView({
  locale,
  choose,
  ...parts
}: LanguageParts & {
  /** The one that is translated into; null: none yet. */
  locale: string | null
  choose: (locale: string) => void
}) {
  const { content, change } = parts
  const states = languageStates(content)
  const others = states.filter(({ isSource }) => !isSource)
  const chosen = others.find((state) => state.locale === locale) ?? others[0]
  return (
    <section class="card">
      <h2>Languages</h2>
      <p class="quiet">
        Written in {languageName(content.source)}. People whose language is complete read it in their own;
        everyone else reads {languageName(content.source)}.
      </p>
      <div class="row start languages-head">
        {others.length > 0 && (
          <label>
            <span>Translate into</span>
            <select value={chosen?.locale} onChange={(event) => choose(event.currentTarget.value)}>
              {others.map((state) => (
                <option key={state.locale} value={state.locale}>
                  {languageName(state.locale)}: {stateText(state)}
                </option>
              ))}
            </select>
          </label>
        )}
        <AddLanguage
          taken={states.map((state) => state.locale)}
          add={(tag) => {
            change(addLanguage(content, tag))
            choose(tag)
          }}
        />
      </div>
      {chosen && (
        <>
          <p role="status" class={chosen.isUsed ? 'quiet' : 'note'}>
            {languageName(chosen.locale)}: {stateText(chosen)}.{' '}
            {!chosen.isUsed && `Until it is complete, its readers get ${languageName(content.source)}.`}
          </p>
          <ol class="translations">
            {textPlaces(content).map((place) => (
              <Translation
                key={`${chosen.locale} ${place.key}`}
                place={place}
                locale={chosen.locale}
                {...parts}
              />
            ))}
          </ol>
          <button type="button" class="danger" onClick={() => change(removeLanguage(content, chosen.locale))}>
            Remove {languageName(chosen.locale)} from this email
          </button>
        </>
      )}
    </section>
  )
}

const stateText = ({
  missing,
  outdated,
}: {
  missing: readonly string[]
  outdated: readonly string[]
}): string =>
  [missing.length > 0 && `${missing.length} missing`, outdated.length > 0 && `${outdated.length} outdated`]
    .filter(Boolean)
    .join(', ') || 'complete'

function Translation({
  place: { key, block, field },
  locale,
  content,
  variables,
  findings,
  change,
}: LanguageParts & { place: TextPlace; locale: string }) {
  const [source, said] = [content.texts[content.source]?.[key], content.texts[locale]?.[key]]
  if (!source && !said && !field.required) return null
  const { missing, outdated } = languageState(content, locale)
  const mark = missing.includes(key) ? 'missing' : outdated.includes(key) ? 'outdated' : null
  return (
    <li class="translation">
      <div lang={content.source} dir="auto">
        <h3>
          {block ? `${block}, ` : ''}
          {fieldName(field.name).toLowerCase()}
          {mark && <span class="changed-mark">{mark}</span>}
        </h3>
        <p class="source-words">{source?.text || '–'}</p>
        {source?.else && <p class="source-words quiet">Else: {source.else}</p>}
        {mark === 'outdated' && (
          <button type="button" class="plain" onClick={() => change(keepTranslation(content, locale, key))}>
            Still right
          </button>
        )}
      </div>
      <WordsField
        label={languageName(locale)}
        field={field}
        said={said}
        locale={locale}
        variables={variables}
        allowsElse={source?.else !== undefined}
        findings={findings.filter(
          (one) => one.block === block && one.field === field.name && one.locale === locale,
        )}
        change={(next) =>
          change(setWords(content, locale, key, withSourceElse(next, source?.else)), `${locale} ${key}`)
        }
      />
    </li>
  )
}

/** What the source leaves out, its translation leaves out. */
const withSourceElse = (said: Said, otherwise: string | undefined): Said =>
  said.else === undefined && otherwise === '' ? { ...said, else: '' } : said

function AddLanguage({ taken, add }: { taken: readonly string[]; add: (tag: string) => void }) {
  const [tag, setTag] = useState('')
  const isTag = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/.test(tag) && !taken.includes(tag)
  return (
    <form
      class="row start"
      onSubmit={(event) => {
        event.preventDefault()
        if (isTag) add(tag)
        setTag('')
      }}
    >
      <label>
        <span>Add a language</span>
        <input
          class="short"
          list="usual-languages"
          placeholder="pt-BR"
          value={tag}
          maxLength={35}
          onInput={(event) => setTag(event.currentTarget.value.trim())}
        />
      </label>
      <datalist id="usual-languages">
        {usualLanguages
          .filter((one) => !taken.includes(one))
          .map((one) => (
            <option key={one} value={one}>
              {languageName(one)}
            </option>
          ))}
      </datalist>
      <button type="submit" disabled={!isTag}>
        Add
      </button>
    </form>
  )
}
