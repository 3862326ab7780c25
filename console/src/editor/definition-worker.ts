/** Reads definitions off the main thread: a large one never holds up the keys. */
import { openReading, type Questions } from './reading.ts'

export type Question = {
  readonly [N in keyof Questions]: { readonly id: number; readonly about: N } & Questions[N]['ask']
}[keyof Questions]

export interface Answer {
  readonly id: number
  readonly answer: unknown
}

// The page's types know a window only.
const scope = globalThis as unknown as { onmessage: (event: MessageEvent<Question>) => void; postMessage(answer: Answer): void }
const reading = openReading()

function answerTo(question: Question): unknown {
  switch (question.about) {
    case 'check':
      return reading.check(question)
    case 'offers':
      return reading.offers(question)
    case 'state':
      return reading.state(question)
  }
}

scope.onmessage = ({ data }) => scope.postMessage({ id: data.id, answer: answerTo(data) })
