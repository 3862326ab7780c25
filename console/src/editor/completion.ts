/** Offers what may stand where the cursor is, spelled for the notation of the text. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { stringify } from 'yaml'

import { Document } from '../../../src/asl/document/document.ts'
import { type Candidate, candidatesAt } from './candidates.ts'

/** Longer texts take longer to read than a person waits for a key. */
const TEXT_MAX = 200_000

export const completionFrom =
  (describe: (field: string) => string | undefined) =>
  (context: CompletionContext): CompletionResult | null => {
    const text = context.state.doc.toString()
    const word = context.matchBefore(/[\w.:$%{}-]*$/)
    if (!word || text.length > TEXT_MAX) return null
    const isQuoted = text[word.from - 1] === '"'
    if (word.from === word.to && !context.explicit && !isQuoted) return null
    const document = Document.parse(text)
    const { isKey, options } = candidatesAt(document, context.pos)
    const spelling = {
      isJson: document.source.notation === 'JSON',
      isQuoted,
      indent: indentAt(text, word.from),
    }
    return {
      from: word.from,
      options: options.map((option, index) => ({ ...completionOf(option, isKey, spelling, describe), boost: -index })),
      validFor: /^[\w.:$%{}-]*$/,
    }
  }

const indentAt = (text: string, at: number): string =>
  /[ \t]*(?=\S*$)/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))?.[0] ?? ''

interface Spelling {
  readonly isJson: boolean
  /** An opening quote is there; the editor has closed it. */
  readonly isQuoted: boolean
  readonly indent: string
}

const TYPES = { field: 'property', value: 'constant', state: 'variable', snippet: 'class' } as const

function completionOf(
  option: Candidate,
  isKey: boolean,
  spelling: Spelling,
  describe: (field: string) => string | undefined,
): Completion {
  const { label, kind, insert } = option
  const info = kind === 'field' ? describe(label) : undefined
  return {
    label,
    type: TYPES[kind],
    ...(info !== undefined && { info }),
    apply: insert === undefined ? spell(label, isKey, spelling) : spellMember(label, insert, spelling),
  }
}

function spell(label: string, isKey: boolean, { isJson, isQuoted }: Spelling): string {
  if (isQuoted) return JSON.stringify(label).slice(1, -1)
  if (isJson) return isKey ? `${JSON.stringify(label)}: ` : JSON.stringify(label)
  return isKey ? `${label}: ` : stringify(label).trimEnd()
}

/** A name with an object behind it. After an opening quote, the rest is for the person to write: the closing one is there. */
function spellMember(name: string, value: unknown, { isJson, isQuoted, indent }: Spelling): string {
  if (isQuoted) return JSON.stringify(name).slice(1, -1)
  const text = isJson ? `${JSON.stringify(name)}: ${JSON.stringify(value, null, 2)}` : stringify({ [name]: value }).trimEnd()
  return text.replaceAll('\n', `\n${indent}`)
}
