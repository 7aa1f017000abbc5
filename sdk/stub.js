/* Inline before the script tag: keeps calls with their own time until the SDK is there, and sends them by beacon
 * when the page closes first. Plain ES2015, minified by the build; its text is constant, so a CSP hash stays valid. */
;((w, d) => {
  if (w.trialpace) return
  const q = []
  const t = { q }
  w.trialpace = t
  for (const m of 'load track identify page group alias reset ready on use consent debug'.split(' '))
    t[m] = (...a) => {
      q.push([m, a, Date.now()])
    }
  w.addEventListener('pagehide', () => {
    const { key, host, consent } = (d.querySelector('script[data-key]') || d.body).dataset
    if (!q[0] || !key || consent) return
    const r = () => Math.random().toString(36).slice(2)
    const anonymousId = r()
    let userId
    navigator.sendBeacon(
      `${host}/v1/b`,
      JSON.stringify({
        writeKey: key,
        batch: q.splice(0).map(([type, [n, p], at]) => {
          if (type === 'identify') userId = n
          return {
            type,
            event: n,
            name: n,
            userId,
            anonymousId,
            messageId: r() + r(),
            properties: p,
            traits: p,
            timestamp: new Date(at).toISOString(),
          }
        }),
      }),
    )
  })
})(window, document)
