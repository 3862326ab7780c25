/** The words of the chosen language. Chosen by the browser until a person chooses; a page is never half in one and half in another. */
import { createContext, type ReactNode, use, useMemo, useState } from 'react'

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
  const messages = useMemo(() => {
    // Before anything is drawn: numbers are written by it (ui/time.ts).
    document.documentElement.lang = language
    return {
      t: translator(language),
      language,
      // Until somebody chooses, it is the browser's.
      choose(chosen: Language) {
        localStorage.setItem(STORED, chosen)
        choose(chosen)
      },
    }
  }, [language])
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

/** `{name}` is filled in, numbers as the language writes them; `{n|one|more}` is the form that goes with the number. */
const PLACES = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g

function translator(language: Language): Translate {
  const list: Readonly<Record<MessageKey, string>> = language === 'pt-BR' ? ptBr : en
  const numbers = new Intl.NumberFormat(language)
  const plural = new Intl.PluralRules(language)
  const show = (value: string | number) => (typeof value === 'number' ? numbers.format(value) : value)
  return (word, values = {}) =>
    list[word].replaceAll(PLACES, (_, name: string, one: string | undefined, more: string | undefined) => {
      const value = values[name] ?? ''
      if (one === undefined || more === undefined) return show(value)
      return plural.select(Number(value)) === 'one' ? one : more
    })
}
