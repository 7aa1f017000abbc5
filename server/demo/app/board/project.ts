/** The sample product’s own data: kept in the browser, one project per account. */
export const columns = ['todo', 'doing', 'done'] as const
export type Column = (typeof columns)[number]
export const columnTitle: Record<Column, string> = { todo: 'To do', doing: 'In progress', done: 'Done' }

export interface Card {
  readonly id: number
  readonly title: string
  readonly column: Column
}

export interface Project {
  readonly board: string | null
  readonly cards: readonly Card[]
  readonly teammates: readonly string[]
}

const emptyProject: Project = { board: null, cards: [], teammates: [] }
const keyOf = (userId: string) => `boardly.project.${userId}`

export function loadProject(userId: string): Project {
  try {
    return { ...emptyProject, ...JSON.parse(localStorage.getItem(keyOf(userId)) ?? '{}') }
  } catch {
    return emptyProject
  }
}

export function saveProject(userId: string, project: Project): void {
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify(project))
  } catch {
    // Storage is full or denied: the board then lives as long as the page.
  }
}

const starterCards = [
  'Sketch the landing page',
  'Collect feedback from five customers',
  'Write the release note',
  'Plan the launch call',
  'Order stickers',
]

export const newBoard = (project: Project, name: string): Project => ({
  ...project,
  board: name,
  cards: starterCards.map((title, id) => ({ id, title, column: id < 2 ? 'doing' : 'todo' })),
})

export const addCard = (project: Project, title: string): Project => ({
  ...project,
  cards: [
    ...project.cards,
    { id: 1 + Math.max(-1, ...project.cards.map((card) => card.id)), title, column: 'todo' },
  ],
})

export const moveCard = (project: Project, id: number, column: Column): Project => ({
  ...project,
  cards: project.cards.map((card) => (card.id === id ? { ...card, column } : card)),
})
