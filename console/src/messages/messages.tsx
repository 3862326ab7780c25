/** The words of the chosen language. Chosen by the browser until a person chooses; a page is never half in one and half in another. */
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'

import { en, type MessageKey } from './en.ts'
import { ptBr } from './pt-br.ts'

export type Language = 'en' | 'pt-BR'
export type Translate = (word: MessageKey, values?: Readonly<Record<string, string | number>>) => string

interface Messages {
  readonly t: Translate
  readonly language: Language
  choose(language: Language): void
}

const CONTEXT = createContext<Messages | undefined>(undefined)
const STORED = 'regente.language'

export function useMessages(): Messages {
  const messages = use(CONTEXT)
  if (!messages) throw new Error('There are no messages around this component.')
  return messages
}

export function MessagesProvider({ children }: { readonly children: ReactNode }) {
  const [language, choose] = useState(firstLanguage)
  useEffect(() => {
    document.documentElement.lang = language
    localStorage.setItem(STORED, language)
  }, [language])
  const messages = useMemo(() => ({ t: translator(language), language, choose }), [language])
  return <CONTEXT value={messages}>{children}</CONTEXT>
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

function translator(language: Language): Translate {
  const list: Readonly<Record<MessageKey, string>> = language === 'pt-BR' ? ptBr : en
  return (word, values = {}) => list[word].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}
