/** The worker that reads definitions. Of several questions of a kind only the last is worth an answer; the others get undefined. */
import type { Answer } from './definition-worker.ts'
import { preloadFile } from '../ui/lazily.ts'
import DefinitionWorker from './definition-worker.ts?worker'
import workerUrl from './definition-worker.ts?worker&url'
import type { Questions } from './reading.ts'

preloadFile(workerUrl)

export interface DefinitionReader {
  ask<N extends keyof Questions>(about: N, ask: Questions[N]['ask']): Promise<Questions[N]['answer'] | undefined>
  close(): void
}

interface Waiting {
  readonly id: number
  readonly settle: (answer: unknown) => void
}

export function openDefinitionReader(): DefinitionReader {
  const worker = new DefinitionWorker()
  const waiting = new Map<keyof Questions, Waiting>()
  let last = 0
  worker.onmessage = ({ data: { id, answer } }: MessageEvent<Answer>) => {
    for (const [about, one] of waiting) {
      if (one.id !== id) continue
      waiting.delete(about)
      one.settle(answer)
    }
  }
  return {
    ask<N extends keyof Questions>(about: N, ask: Questions[N]['ask']) {
      waiting.get(about)?.settle(undefined)
      last += 1
      worker.postMessage({ id: last, about, ...ask })
      return new Promise<Questions[N]['answer'] | undefined>((resolve) => {
        waiting.set(about, { id: last, settle: (answer) => resolve(answer as Questions[N]['answer'] | undefined) })
      })
    },
    close: () => worker.terminate(),
  }
}
