import type { Bridge } from '../nudge-bridge.ts'
import type { NudgeInstance } from '../types.ts'

/** The third chunk: what only the product team itself sees. */

export function openOverlay(bridge: Bridge): void {
  const host = document.createElement('div')
  const root = host.attachShadow({ mode: 'open' })
  const list = document.createElement('ol')
  list.style.cssText =
    'position:fixed;inset-block-end:8px;inset-inline-start:8px;z-index:2147483002;margin:0;padding:10px 12px;width:min(420px,92vw);max-height:40vh;overflow:auto;list-style:none;font:12px/1.5 ui-monospace,monospace;background:#14161cee;color:#e8eaf0;border-radius:10px'
  root.append(list)
  document.body.append(host)
  const line = (text: string) => {
    const item = document.createElement('li')
    item.textContent = `${new Date().toISOString().slice(11, 23)} ${text}`
    list.prepend(item)
    while (list.children.length > 200) list.lastChild?.remove()
  }
  line('Trialpace')
  bridge.on('track', (event) =>
    line(
      `→ ${event.type} ${event.event ?? event.name ?? ''} ${JSON.stringify(event.properties ?? event.traits ?? {})}`,
    ),
  )
  bridge.on('trial', (trial) => line(`trial ${trial.segment}, ends ${trial.endsAt ?? 'never'}`))
  bridge.on('nudge:show', ({ nudge, latencyMs }) => line(`shown ${nudge.id} after ${latencyMs ?? '?'} ms`))
  bridge.on('debug', ({ what, detail }) =>
    line(`${what} ${detail === undefined ? '' : JSON.stringify(detail)}`),
  )
}

export async function fetchPreview(bridge: Bridge, token: string): Promise<NudgeInstance | null> {
  const response = await fetch(`${bridge.host}/v1/preview/${encodeURIComponent(token)}`, {
    credentials: 'omit',
  })
  return response.ok ? ((await response.json()) as NudgeInstance) : null
}
