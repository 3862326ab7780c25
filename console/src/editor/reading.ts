/** What the editor asks about a text, and the answers. Each text is read once, however many questions follow. */
import { isObject } from '../../../src/base/json.ts'
import { Document } from '../../../src/asl/document/document.ts'
import { drawGraph } from '../../../src/asl/graph.ts'
import { diagnose, type Found, type MachineType } from './diagnose.ts'
import { type Offers, offersAt } from './offers.ts'

export interface Questions {
  readonly check: { readonly ask: { readonly text: string; readonly type: MachineType }; readonly answer: Checked }
  readonly offers: { readonly ask: At; readonly answer: Offers | undefined }
  /** The name of the state around a place. */
  readonly state: { readonly ask: At; readonly answer: string | undefined }
}

interface At {
  readonly text: string
  readonly offset: number
}

export interface Checked {
  readonly found: readonly Found[]
  /** The definition as JSON, where its picture is another than the last one; undefined where it is the same, or none. */
  readonly picture: string | undefined
}

export function openReading() {
  let document = Document.parse('')
  let drawn: string | undefined
  const read = (text: string): Document => {
    if (document.text !== text) document = Document.parse(text)
    return document
  }
  const pictureOf = ({ value, json, source }: Document): string | undefined => {
    if (!isObject(value) || source.problems.length > 0) return undefined
    const shape = JSON.stringify(drawGraph(value))
    if (shape === drawn) return undefined
    drawn = shape
    return json
  }
  return {
    check({ text, type }: Questions['check']['ask']): Checked {
      const document = read(text)
      return { found: diagnose(document, type), picture: pictureOf(document) }
    },
    offers: ({ text, offset }: At) => offersAt(read(text), offset),
    state: ({ text, offset }: At) => read(text).stateAt(offset)?.name,
  } satisfies { [N in keyof Questions]: (ask: Questions[N]['ask']) => Questions[N]['answer'] }
}
