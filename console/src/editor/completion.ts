/** Offers what may stand where the cursor is. Found beside the page: a large definition holds up no key. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'

import type { LocalKind } from './call-arguments.ts'
import type { DefinitionReader } from './definition-reader.ts'
import { type Offer, type Quote, spell } from './offers.ts'

interface CompletionSources {
  readonly reader: () => DefinitionReader | undefined
  readonly describe: (field: string) => string | undefined
  /** Names of what is on this server; what cannot be listed is not offered. */
  readonly namesOf: (kind: LocalKind) => Promise<readonly string[]>
}

/** Words that go on while what was offered still holds. */
const WORD = /^[\w.:$%{}/-]*$/

export const completionFrom =
  ({ reader, describe, namesOf }: CompletionSources) =>
  async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { pos, explicit, state } = context
    const word = context.matchBefore(/["'\w.:$%/-]+$/)
    if (!word && !explicit) return null
    const offers = await reader()?.ask('offers', { text: state.doc.toString(), offset: pos })
    if (!offers || context.aborted) return null
    const { from, to, options, locals, quote } = offers
    const here = locals === undefined ? [] : await namesOf(locals)
    const all = [...here.map((label) => localOption(label, quote)), ...options.map((one) => completionOf(one, describe))]
    if (all.length === 0) return null
    return { from, to, options: all.map((one, index) => ({ ...one, boost: -index })), validFor: WORD }
  }

const localOption = (label: string, quote: Quote): Completion => ({ label, type: 'namespace', apply: spell(label, quote) })

const TYPES = { field: 'property', value: 'constant', state: 'variable', snippet: 'class', function: 'function' } as const

function completionOf({ label, kind, text }: Offer, describe: (field: string) => string | undefined): Completion {
  const info = kind === 'field' ? describe(label) : undefined
  return { label, type: TYPES[kind], apply: text, ...(info !== undefined && { info }) }
}
