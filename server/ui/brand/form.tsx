import { useState } from 'preact/hooks'
import { checkAccent } from '../../../shared/brand/dress.ts'
import type { Brand } from '../../../shared/playbook/brand.ts'
import { Section } from '../shared/parts.tsx'
import { LogoField } from './logo-field.tsx'

interface Parts {
  brand: Brand
  change: (brand: Brand) => void
}

export function BrandForm(parts: Parts) {
  return (
    <div class="brand-form">
      <Logo {...parts} />
      <Look {...parts} />
      <Footer {...parts} />
    </div>
  )
}

function Logo({ brand, change }: Parts) {
  const { logo } = brand
  return (
    <Section title="Logo">
      <LogoField
        label="Logo"
        hint="PNG or JPEG, up to 200 KB. Twice as wide as it is shown looks sharp everywhere."
        image={logo?.light}
        choose={(light) => change({ ...brand, logo: { width: 140, ...logo, light } })}
        remove={() => change({ ...brand, logo: undefined })}
      />
      {logo && (
        <>
          <LogoField
            label="Logo for dark mode"
            hint="Without one the logo is on a light plate there."
            image={logo.dark}
            isDark
            choose={(dark) => change({ ...brand, logo: { ...logo, dark } })}
            remove={() => change({ ...brand, logo: { light: logo.light, width: logo.width } })}
          />
          <label>
            <span>Width, in pixels</span>
            <input
              type="number"
              min={16}
              max={320}
              value={logo.width}
              onChange={(event) => {
                const width = Math.round(event.currentTarget.valueAsNumber)
                if (width >= 16 && width <= 320) change({ ...brand, logo: { ...logo, width } })
                else event.currentTarget.value = String(logo.width)
              }}
            />
          </label>
        </>
      )}
    </Section>
  )
}

const usualAccent = '#1a5fb4'
const ratio = (value: number): string => `${value.toFixed(1)} : 1`

/** What the colour comes to, in words. */
function AccentNote({ accent }: { accent: string }) {
  const { onButton, asLink, linkIsDarkened, hasEdge } = checkAccent(accent)
  return (
    <ul class="quiet accent-notes">
      <li>Words on buttons: {ratio(onButton)}.</li>
      {linkIsDarkened ? (
        <li>
          As a link it would be {ratio(asLink)}, and 4.5 : 1 can be read: links are drawn in a darker shade of
          it.
        </li>
      ) : (
        <li>Links: {ratio(asLink)}.</li>
      )}
      {hasEdge && <li>It hardly stands out from white, so buttons have a darker border.</li>}
      <li>Dark mode uses a lighter shade.</li>
    </ul>
  )
}

function Accent({ brand, change }: Parts) {
  const [typed, setTyped] = useState(brand.accent ?? '')
  const [before, setBefore] = useState(brand.accent)
  if (before !== brand.accent) {
    setBefore(brand.accent)
    setTyped(brand.accent ?? '')
  }
  const set = (text: string) => {
    const accent = text.trim().toLowerCase()
    setTyped(text)
    if (accent === '') change({ ...brand, accent: undefined })
    else if (/^#[0-9a-f]{6}$/.test(accent)) change({ ...brand, accent })
  }
  const isWrong = typed.trim() !== '' && !/^#[0-9a-f]{6}$/i.test(typed.trim())
  return (
    <>
      <div class="row start">
        <label>
          <span>Accent colour</span>
          <input
            value={typed}
            placeholder={usualAccent}
            spellcheck={false}
            aria-invalid={isWrong}
            aria-describedby={isWrong ? 'accent-wrong' : undefined}
            onInput={(event) => set(event.currentTarget.value)}
          />
        </label>
        <input
          type="color"
          aria-label="Pick the accent colour"
          value={brand.accent ?? usualAccent}
          onInput={(event) => set(event.currentTarget.value)}
        />
        {brand.accent && (
          <button type="button" class="plain" onClick={() => set('')}>
            Use ours
          </button>
        )}
      </div>
      {isWrong && (
        <p id="accent-wrong" class="note note-error">
          A colour is # and six digits or letters from a to f, such as {usualAccent}.
        </p>
      )}
      {brand.accent && <AccentNote accent={brand.accent} />}
    </>
  )
}

const fontLabels: Readonly<Record<NonNullable<Brand['font']>, string>> = {
  system: 'That of the device',
  sans: 'Sans serif (Helvetica, Arial)',
  humanist: 'Humanist (Gill Sans, Calibri)',
  serif: 'Serif (Georgia)',
  mono: 'Monospace (Menlo, Consolas)',
}

function Look({ brand, change }: Parts) {
  return (
    <Section title="Colour, font, corners">
      <Accent brand={brand} change={change} />
      <label>
        <span>Font</span>
        <select
          value={brand.font ?? ''}
          onChange={(event) => {
            const font = (event.currentTarget.value || undefined) as Brand['font']
            change({ ...brand, font })
          }}
        >
          <option value="">Ours</option>
          {Object.entries(fontLabels).map(([font, label]) => (
            <option key={font} value={font}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Corners: {brand.radius === undefined ? 'ours' : `${brand.radius} pixels`}</span>
        <input
          type="range"
          min={0}
          max={24}
          value={brand.radius ?? 12}
          onInput={(event) => change({ ...brand, radius: event.currentTarget.valueAsNumber })}
        />
      </label>
    </Section>
  )
}

const mostLines = 3

function Footer({ brand, change }: Parts) {
  const said = (brand.footer ?? []).join('\n')
  const [typed, setTyped] = useState(said)
  const linesOf = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim().slice(0, 200))
      .filter((line) => line !== '')
  return (
    <Section title="Footer">
      <label>
        <span>Lines above the postal address, at most {mostLines}</span>
        <textarea
          rows={3}
          value={typed}
          onInput={(event) => {
            const text = event.currentTarget.value
            setTyped(text)
            const lines = linesOf(text).slice(0, mostLines)
            change({ ...brand, footer: lines.length > 0 ? lines : undefined })
          }}
        />
      </label>
      {linesOf(typed).length > mostLines && (
        <p class="note note-error">Only the first {mostLines} lines are used.</p>
      )}
    </Section>
  )
}
