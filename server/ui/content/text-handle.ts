/** What the tools above a text do to it, wherever the cursor is. */
export interface TextHandle {
  focus(): void
  insertVariable(name: string): void
  toggle(mark: 'bold' | 'italic'): void
  /** What is selected, or else some words to begin with, leads there. */
  link(target: string): void
}
