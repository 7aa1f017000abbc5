/*
 * Inline before the script tag: keeps every call with its own time until the SDK is there, and sends them by beacon
 * when the page closes first (not while consent is asked for). The text holds no settings, so one hash in a
 * Content-Security-Policy allows it everywhere. An element with the id `trialpace` is no stub.
 */
if (!self.trialpace?.load) {
  const q = []
  const none = () => null
  const stub = {
    q,
    trial: none,
    user: () => ({ id: none, anonymousId: none, traits: () => ({}) }),
    flush: async () => {},
  }
  for (const name of 'load,on,track,identify,page,group,alias,reset,ready,use,consent,debug,setAnonymousId,show,dismiss,snooze,preview'.split(
    ',',
  ))
    stub[name] = (...args) => {
      const call = [name, args, new Date()]
      q.push(call)
      // Ends a subscription, or the wish for one.
      return () => {
        call[0] = 0
        call[3]?.()
      }
    }
  stub.nudges = { ...stub, list: () => [] }
  self.trialpace = stub
  addEventListener('pagehide', () => {
    const anonymousId = `${Math.random()}`
    let userId
    for (const { dataset, src } of document.scripts)
      if (dataset.key && q[0] && !dataset.consent)
        navigator.sendBeacon(
          `${dataset.host || src.replace(/\/(sdk\/.*|[^/]*)$/, '')}/v1/b`,
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
