/*
 * Inline before the script tag: keeps every call with its own time until the SDK is there, and sends them by beacon
 * when the page closes first (not while consent is asked for). At most 500 bytes when built; the text holds no
 * settings, so one hash in a Content-Security-Policy allows it everywhere.
 */
if (!self.trialpace) {
  const q = []
  self.trialpace = new Proxy(
    { q },
    {
      get: (stub, name) =>
        stub[name] ??
        ((...args) => {
          q.push([name, args, new Date()])
        }),
    },
  )
  addEventListener('pagehide', () => {
    const anonymousId = `${Math.random()}`
    let userId
    for (const { dataset } of document.scripts)
      if (dataset.key && q[0] && !dataset.consent)
        navigator.sendBeacon(
          `${dataset.host}/v1/b`,
          JSON.stringify({
            writeKey: dataset.key,
            batch: q.splice(0).map(([type, [event, properties], timestamp]) => {
              if (type === 'identify' && event?.trim) userId = event
              return { type, event, userId, anonymousId, properties, traits: properties, timestamp }
            }),
          }),
        )
  })
}
