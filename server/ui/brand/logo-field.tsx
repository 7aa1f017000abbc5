import { useRef } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import type { Brand } from '../../../shared/playbook/brand.ts'
import { call } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote } from '../shared/parts.tsx'

type LogoImage = NonNullable<Brand['logo']>['light']

const imageOf = ({ file, width, height }: AnswerOf<'POST /api/brand/logos'>): LogoImage => ({
  file,
  width,
  height,
})

/** One picture: as it is, another one, none. */
export function LogoField({
  label,
  hint,
  image,
  isDark = false,
  choose,
  remove,
}: {
  label: string
  hint: string
  image: LogoImage | undefined
  isDark?: boolean
  choose: (image: LogoImage) => void
  remove: () => void
}) {
  const { busy, error, run } = useAction()
  const input = useRef<HTMLInputElement>(null)
  const upload = (file: File) =>
    run(async () => {
      const body = new Uint8Array(await file.arrayBuffer())
      choose(imageOf(await call('POST /api/brand/logos', { body })))
    })
  return (
    <div class="logo-field">
      <label>
        <span>{label}</span>
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg"
          disabled={busy}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0]
            if (file) void upload(file)
          }}
        />
      </label>
      <p class="quiet">{busy ? 'Uploading …' : hint}</p>
      {error && <ErrorNote error={error} />}
      {image && (
        <div class="row start">
          <img
            class={isDark ? 'logo-shown on-dark' : 'logo-shown'}
            src={`/brand/${image.file}`}
            alt={`${label}, as uploaded`}
          />
          <span class="quiet">
            {image.width} × {image.height}
          </span>
          <button
            type="button"
            class="plain"
            onClick={() => {
              if (input.current) input.current.value = ''
              remove()
            }}
          >
            Remove
          </button>
        </div>
      )}
    </div>
  )
}
