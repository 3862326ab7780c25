/** What a field is, where the mouse rests on it: in short words, with its type and bounds and AWS's own page. */
import { Document } from '../../../src/asl/document/document.ts'
import type { Field } from '../../../src/asl/schema.ts'
import { hoverTooltip } from '@codemirror/view'

import { type Context, contextAt } from './context.ts'

const TEXT_MAX = 200_000

export interface FieldTexts {
  readonly describe: (field: string) => string | undefined
  readonly onAws: string
}

export const fieldHover = (texts: () => FieldTexts) =>
  hoverTooltip((view, offset) => {
    const text = view.state.doc.toString()
    if (text.length > TEXT_MAX) return null
    const document = Document.parse(text)
    const { path, name } = document.cursorAt(offset)
    if (name === undefined) return null
    const context = contextAt(document, path)
    const field = fieldOf(context, name)
    const { describe, onAws } = texts()
    const description = describe(name)
    if (!field || description === undefined) return null
    return { pos: offset, create: () => ({ dom: render(name, description, bounds(field), pageOf(context), onAws) }) }
  })

function fieldOf(context: Context, name: string): Field | undefined {
  if (context.kind === 'rule') return { type: 'Any' }
  return context.kind === 'members' && Object.hasOwn(context.members.fields, name) ? context.members.fields[name] : undefined
}

/** `Integer, 1 to 99999999, JSONata`. */
function bounds({ type, language, min, max, values }: Field): string {
  const parts: string[] = [type]
  if (values) parts.push(values.join(' | '))
  if (min !== undefined) parts.push(max === undefined ? `≥ ${min}` : `${min} – ${max}`)
  if (language) parts.push(language)
  return parts.join(', ')
}

const pageOf = ({ stateType }: Context): string =>
  `https://docs.aws.amazon.com/step-functions/latest/dg/${stateType === undefined ? 'statemachine-structure' : `state-${stateType.toLowerCase()}`}.html`

/** Only as text: the name is the document's own. */
function render(name: string, description: string, facts: string, page: string, onAws: string): HTMLElement {
  const make = (tag: string, text: string) => Object.assign(document.createElement(tag), { textContent: text })
  const link = Object.assign(document.createElement('a'), { href: page, target: '_blank', rel: 'noreferrer', textContent: onAws })
  const box = Object.assign(document.createElement('div'), { className: 'field-hover' })
  box.append(make('b', name.slice(0, 80)), make('small', ` ${facts}`), make('p', description), link)
  return box
}
