import type { Project } from './project.ts'

const cardsToComplete = 3

/** The sample product’s own checklist; Trialpace learns of each step only through the tracked events. */
export function FirstSteps({ project }: { project: Project }) {
  const completed = project.cards.filter((card) => card.column === 'done').length
  const steps = [
    { text: 'Create a board', done: project.board !== null },
    { text: 'Invite a teammate', done: project.teammates.length > 0 },
    {
      text: `Complete ${cardsToComplete} cards (${Math.min(completed, cardsToComplete)} so far)`,
      done: completed >= cardsToComplete,
    },
  ]
  const done = steps.filter((step) => step.done).length
  return (
    <section class="card panel" aria-labelledby="steps-title">
      <h2 id="steps-title">First steps</h2>
      <progress max={steps.length} value={done} aria-label={`${done} of ${steps.length} done`} />
      <ul class="steps">
        {steps.map((step) => (
          <li key={step.text} class={step.done ? 'done' : ''}>
            <span class="box" aria-hidden="true">
              {step.done ? '✓' : ''}
            </span>
            {step.text}
            <span class="hidden">{step.done ? ' (done)' : ' (open)'}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
