/** Checks off the main thread: a large definition never holds up the keys. */
import { diagnose, type Found, type MachineType } from './diagnose.ts'

export interface Question {
  readonly id: number
  readonly text: string
  readonly type: MachineType
}

export interface Answer {
  readonly id: number
  readonly found: readonly Found[]
}

// The page's types know a window only.
const scope = globalThis as unknown as { onmessage: (event: MessageEvent<Question>) => void; postMessage(answer: Answer): void }

scope.onmessage = ({ data: { id, text, type } }) => scope.postMessage({ id, found: diagnose(text, type) })
