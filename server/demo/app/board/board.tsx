import { useState } from 'preact/hooks'
import { type Card, type Column, columns, columnTitle, type Project } from './project.ts'

export interface BoardActions {
  createBoard(name: string): void
  addCard(title: string): void
  moveCard(id: number, column: Column): void
  tryAutomation(): void
}

export function Board({ project, actions }: { project: Project; actions: BoardActions }) {
  if (project.board === null) return <FirstBoard onCreate={actions.createBoard} />
  return (
    <section aria-labelledby="board-name">
      <div class="board-head">
        <h1 id="board-name">{project.board}</h1>
        <button type="button" id="try-automation" onClick={actions.tryAutomation}>
          <span aria-hidden="true">⚡</span> Add automation <span class="badge">Team</span>
        </button>
      </div>
      <div class="columns">
        {columns.map((column) => (
          <Lane
            key={column}
            column={column}
            cards={project.cards.filter((card) => card.column === column)}
            actions={actions}
          />
        ))}
      </div>
    </section>
  )
}

function Lane({ column, cards, actions }: { column: Column; cards: readonly Card[]; actions: BoardActions }) {
  return (
    <section class="lane" aria-label={columnTitle[column]}>
      <h2>
        {columnTitle[column]} <span class="count">{cards.length}</span>
      </h2>
      <ul>
        {cards.map((card) => (
          <li key={card.id} class="task" data-column={column}>
            <span>{card.title}</span>
            {column === 'todo' && (
              <button
                type="button"
                onClick={() => actions.moveCard(card.id, 'doing')}
                aria-label={`Start: ${card.title}`}
              >
                Start
              </button>
            )}
            {column !== 'done' && (
              <button
                type="button"
                class="complete"
                onClick={() => actions.moveCard(card.id, 'done')}
                aria-label={`Complete: ${card.title}`}
              >
                Complete
              </button>
            )}
          </li>
        ))}
      </ul>
      {column === 'todo' && <NewCard onAdd={actions.addCard} />}
    </section>
  )
}

const textOf = (event: SubmitEvent, name: string): string => {
  event.preventDefault()
  const form = event.currentTarget as HTMLFormElement
  const text = String(new FormData(form).get(name) ?? '').trim()
  form.reset()
  return text
}

function NewCard({ onAdd }: { onAdd: (title: string) => void }) {
  const submit = (event: SubmitEvent) => {
    const title = textOf(event, 'title')
    if (title) onAdd(title)
  }
  return (
    <form class="inline" onSubmit={submit}>
      <input name="title" aria-label="Title of a new card" placeholder="New card" maxLength={120} />
      <button type="submit">Add</button>
    </form>
  )
}

function FirstBoard({ onCreate }: { onCreate: (name: string) => void }) {
  const [name, setName] = useState('Spring launch')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (name.trim()) onCreate(name.trim())
  }
  return (
    <section class="card first">
      <div class="art" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <h1>Create your first board</h1>
      <p>Give it the name of something your team works on right now. We put a few cards on it.</p>
      <form class="inline" onSubmit={submit}>
        <input
          id="board-title"
          aria-label="Name of the board"
          value={name}
          maxLength={80}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="primary" id="create-board">
          Create board
        </button>
      </form>
    </section>
  )
}
