/** The words of the chosen language. Chosen by the browser until a person chooses; a page is never half in one and half in another. */
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'

import { en, type Word } from './en.ts'
import { ptBr } from './pt-br.ts'

export type Language = 'en' | 'pt-BR'
export type Translate = (word: Word, values?: Readonly<Record<string, string | number>>) => string

interface Words {
  readonly t: Translate
  readonly language: Language
  choose(language: Language): void
}

const CONTEXT = createContext<Words | undefined>(undefined)
const STORED = 'regente.language'

export function useWords(): Words {
  const words = use(CONTEXT)
  if (!words) throw new Error('There are no words around this component.')
  return words
}

export function WordsProvider({ children }: { readonly children: ReactNode }) {
  const [language, choose] = useState(firstLanguage)
  useEffect(() => {
    document.documentElement.lang = language
    localStorage.setItem(STORED, language)
  }, [language])
  const words = useMemo(() => ({ t: translator(language), language, choose }), [language])
  return <CONTEXT value={words}>{children}</CONTEXT>
}

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED)
  if (stored === 'en' || stored === 'pt-BR') return stored
  return navigator.languages
    .find((one) => /^(?:pt|en)\b/i.test(one))
    ?.toLowerCase()
    .startsWith('pt')
    ? 'pt-BR'
    : 'en'
}

export function translator(language: Language): Translate {
  const list: Readonly<Record<Word, string>> = language === 'pt-BR' ? ptBr : en
  return (word, values = {}) => list[word].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}
