export function Team({
  owner,
  teammates,
  onInvite,
}: {
  owner: string
  teammates: readonly string[]
  onInvite: (email: string) => void
}) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const email = String(new FormData(form).get('email') ?? '').trim()
    form.reset()
    if (email) onInvite(email)
  }
  return (
    <section class="card panel" aria-labelledby="team-title">
      <h2 id="team-title">Team</h2>
      <ul class="people">
        <li>{owner} (you)</li>
        {teammates.map((email) => (
          <li key={email}>{email}</li>
        ))}
      </ul>
      <form class="inline" onSubmit={submit}>
        <input
          id="teammate"
          name="email"
          type="email"
          required
          aria-label="Email of a teammate"
          placeholder="charles@engine.example"
        />
        <button type="submit" id="invite">
          Invite
        </button>
      </form>
    </section>
  )
}
