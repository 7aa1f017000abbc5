import type { MessageRule } from '../playbook.ts'

const contentSubjects = ['subject', 'subject_2', 'subject_3']

/** The subjects a rule tries against each other: its own, else those of its content in the source language. */
export function subjectsOf({
  subjects,
  content,
}: Pick<MessageRule, 'subjects' | 'content'>): readonly string[] {
  if (subjects.length > 0 || !content) return subjects
  const texts = content.texts[content.source] ?? {}
  return contentSubjects.flatMap((key) => texts[key]?.text ?? [])
}
