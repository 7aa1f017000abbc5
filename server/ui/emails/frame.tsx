import { useEffect, useRef, useState } from 'preact/hooks'
import type { MailLook } from './address.ts'

const tools: readonly {
  name: keyof MailLook
  legend: string
  options: readonly (readonly [MailLook[keyof MailLook], string])[]
}[] = [
  {
    name: 'part',
    legend: 'Version',
    options: [
      ['html', 'HTML'],
      ['text', 'Plain text'],
    ],
  },
  {
    name: 'scheme',
    legend: 'Colours',
    options: [
      ['light', 'Light'],
      ['dark', 'Dark'],
    ],
  },
  {
    name: 'width',
    legend: 'Width',
    options: [
      [320, 'Phone'],
      [600, 'Desktop'],
    ],
  },
]

/** Switches how an email is looked at; what it says stays. */
export function LookTools({ look, onChange }: { look: MailLook; onChange: (look: MailLook) => void }) {
  return (
    <div class="row start look-tools">
      {tools.map(({ name, legend, options }) => (
        <fieldset key={name} class="tabs" disabled={name === 'scheme' && look.part === 'text'}>
          <legend class="sr">{legend}</legend>
          {options.map(([value, label]) => (
            <label key={value} class="tab">
              <input
                type="radio"
                name={name}
                checked={look[name] === value}
                onChange={() => onChange({ ...look, [name]: value })}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      ))}
    </div>
  )
}

/** Like the one in the history, but without a new entry: Back leads to another email, not to another colour. */
export const replaceHash = (href: string): void => window.location.replace(href)

const heights: Record<MailLook['width'], number> = { 320: 640, 600: 720 }

/** An email that is wider than the screen is shown smaller, as phones do with pages. */
export function useScale(width: number) {
  const box = useRef<HTMLDivElement>(null)
  const [scale, setScale] = useState(1)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setScale(Math.min(1, entry.contentRect.width / width))
    })
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [width])
  return { box, scale }
}

/**
 * An email in a frame without scripts, forms or anything of the dashboard in reach. Its own dark rules follow the
 * `color-scheme` of the frame. The next one loads behind the one that is shown.
 */
function MailFrame({ src, title, look }: { src: string; title: string; look: MailLook }) {
  const [shown, setShown] = useState(src)
  const { box, scale } = useScale(look.width)
  const height = heights[look.width]
  const frames = shown === src ? [src] : [shown, src]
  return (
    <div ref={box} class="mail-fit" style={{ height: `${height * scale}px` }}>
      {frames.map((each) => (
        <iframe
          key={each}
          class={`mail scheme-${look.scheme}`}
          hidden={each !== shown}
          sandbox=""
          title={title}
          style={{ width: `${look.width}px`, height: `${height}px`, transform: `scale(${scale})` }}
          src={each}
          onLoad={() => each === src && setShown(each)}
        />
      ))}
    </div>
  )
}

/** The email as an email client lists and opens it. */
export function MailBody({
  mail: { subject, preheader, text },
  src,
  look,
}: {
  mail: { subject: string; preheader?: string; text: string }
  src: string
  look: MailLook
}) {
  return (
    <div class={`mail-stage mail-stage-${look.width}`}>
      <p class="mail-line" dir="auto">
        <strong>{subject}</strong>
        {preheader && <small>{preheader}</small>}
      </p>
      {look.part === 'text' ? (
        <pre class="mail-text" dir="auto">
          {text}
        </pre>
      ) : (
        <MailFrame src={src} title={subject} look={look} />
      )}
    </div>
  )
}
