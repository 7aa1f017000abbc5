/** Addresses of the editor. */
export const editorHref = (ruleId: string): string => `#/content/${encodeURIComponent(ruleId)}`
export const editorListHref = '#/content'
