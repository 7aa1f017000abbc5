import { de } from './words/de.ts'
import { en } from './words/en.ts'
import { ko } from './words/ko.ts'
import { vi } from './words/vi.ts'
import type { SentenceLanguage, Words } from './words.ts'

/** Every language that sentences are written in. */
export const sentenceLanguages: Readonly<Record<SentenceLanguage, Words>> = { en, de, ko, vi }
