import { useEffect, useRef, useState } from 'preact/hooks'
import type { MailLook } from '../emails/address.ts'
import { useScale } from '../emails/frame.tsx'

const heights: Record<MailLook['width'], number> = { 320: 620, 600: 700 }

/** An email that changes while it is looked at; the frame itself is loaded once. */
export function LiveFrame({ html, title, look }: { html: string; title: string; look: MailLook }) {
  const frame = useRef<HTMLIFrameElement>(null)
  const [isReady, setReady] = useState(false)
  const { box, scale } = useScale(look.width)
  useEffect(() => {
    const heard = (event: MessageEvent) => {
      if (event.source === frame.current?.contentWindow && event.data === 'email-frame') setReady(true)
    }
    window.addEventListener('message', heard)
    return () => window.removeEventListener('message', heard)
  }, [])
  useEffect(() => {
    // The frame is sandboxed and so of no origin that could be named.
    if (isReady) frame.current?.contentWindow?.postMessage({ html }, '*')
  }, [html, isReady])
  const height = heights[look.width]
  return (
    <div ref={box} class="mail-fit" style={{ height: `${height * scale}px` }}>
      <iframe
        ref={frame}
        class={`mail scheme-${look.scheme}`}
        sandbox="allow-scripts"
        title={title}
        style={{ width: `${look.width}px`, height: `${height}px`, transform: `scale(${scale})` }}
        src="/email-frame"
      />
    </div>
  )
}
