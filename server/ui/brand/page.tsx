import type { Brand } from '../../../shared/playbook/brand.ts'
import { type Playbook, type StoredDraft, useDraft, type Version } from '../playbook/use-draft.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading } from '../shared/parts.tsx'
import { BrandForm } from './form.tsx'
import { Sheet } from './sheet.tsx'

/** How everything a trialist sees is dressed; a part of the playbook, so it is drafted and published with it. */
export function BrandPage() {
  const published = useApi('GET /api/playbook')
  const stored = useApi('GET /api/playbook/draft')
  const failed = [published, stored].find((loaded) => loaded.state === 'failed')
  return (
    <>
      <h1>Brand</h1>
      <p class="quiet">
        Logo, colour, font and footer of your emails, nudges, survey and hosted pages. Text stays readable
        whatever colour you choose.
      </p>
      {failed?.state === 'failed' && (
        <ErrorNote
          error={failed.error}
          retry={() => {
            published.reload()
            stored.reload()
          }}
        />
      )}
      {!failed && !(published.data && stored.data) && <Loading what="the brand" />}
      {published.data && stored.data && (
        <Dresser key={published.data.version} published={published.data} stored={stored.data.draft} />
      )}
    </>
  )
}

const saveWords = {
  clean: 'As published.',
  waiting: 'Saving your draft …',
  saving: 'Saving your draft …',
  saved: 'Saved in your draft of the playbook. Nothing changes for anyone until it is published.',
  conflict: 'Not saved: your draft was changed in another window. Reload this page to take that one.',
  failed: 'The draft could not be saved. It is tried again; keep this window open.',
} as const

/** An empty brand is none. */
function withBrand({ brand: _, ...rest }: Playbook, brand: Brand): Playbook {
  const said = Object.fromEntries(Object.entries(brand).filter(([, value]) => value !== undefined))
  return Object.keys(said).length > 0 ? { ...rest, brand: said } : rest
}

function Dresser({ published, stored }: { published: Version; stored: StoredDraft | null }) {
  const draft = useDraft(published, stored)
  const { playbook, change, saveState, faults } = draft
  const brand = (playbook.brand ?? {}) as Brand
  const ofBrand = faults.filter(({ pointer }) => pointer.startsWith('/brand'))
  return (
    <>
      <p class="row start">
        <span class="quiet" role="status">
          {saveWords[saveState]}
        </span>
        <button type="button" class="plain" disabled={!draft.canUndo} onClick={draft.undo}>
          Undo
        </button>
        {draft.isChanged && <a href="#/playbook">Review and publish</a>}
      </p>
      {ofBrand.length > 0 && (
        <div class="note note-error" role="alert">
          {ofBrand.map(({ pointer, detail }) => (
            <p key={`${pointer} ${detail}`}>
              <code>{pointer}</code> {detail}
            </p>
          ))}
        </div>
      )}
      <div class="brand-page">
        <BrandForm brand={brand} change={(next) => change(withBrand(playbook, next))} />
        <Sheet brand={brand} />
      </div>
    </>
  )
}
