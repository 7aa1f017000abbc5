/**
 * Pages and browsers may refuse the clipboard to scripts; then as by hand, from a field that is selected for a moment.
 * @returns whether the text is in the clipboard.
 */
export async function copyText(text: string, button: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyByHand(text, button)
  }
}

function copyByHand(text: string, button: HTMLElement): boolean {
  const field = button.ownerDocument.createElement('textarea')
  field.value = text
  field.className = 'sr'
  field.readOnly = true
  button.after(field)
  field.select()
  const isDone = button.ownerDocument.execCommand('copy')
  field.remove()
  button.focus()
  return isDone
}
