import { useEffect, useState } from 'preact/hooks'
import type { BoardActions } from './board.tsx'
import { addCard, loadProject, moveCard, newBoard, type Project, saveProject } from './project.ts'
import { trialpace } from './snippet.ts'

/** The project of one account, and what a person may do with it; each aha step is tracked where it happens. */
export function useProject(
  userId: string | null,
  onTracked: () => void,
): { project: Project; actions: BoardActions & { invite(email: string): void } } {
  const [project, setProject] = useState<Project>(() => loadProject(userId ?? ''))
  useEffect(() => setProject(loadProject(userId ?? '')), [userId])

  const change = (next: Project) => {
    setProject(next)
    if (userId) saveProject(userId, next)
  }
  const track = (event: string, properties: Record<string, unknown> = {}) => {
    trialpace().track?.(event, properties)
    setTimeout(onTracked, 400)
  }

  return {
    project,
    actions: {
      createBoard(name) {
        change(newBoard(project, name))
        track('Board Created', { name })
      },
      addCard(title) {
        change(addCard(project, title))
        track('Card Created')
      },
      moveCard(id, column) {
        change(moveCard(project, id, column))
        track(column === 'done' ? 'Card Completed' : 'Card Started')
      },
      tryAutomation() {
        track('Automation Attempted')
        location.hash = '#/upgrade'
      },
      invite(email) {
        change({ ...project, teammates: [...new Set([...project.teammates, email])] })
        track('Teammate Invited', { count: project.teammates.length + 1 })
      },
    },
  }
}
