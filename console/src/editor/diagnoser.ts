/** The worker that checks definitions. Of several questions only the last is worth an answer; the others get undefined. */
import type { Found, MachineType } from './diagnose.ts'
import type { Answer, Question } from './diagnose-worker.ts'
import DiagnoseWorker from './diagnose-worker.ts?worker'

export interface Diagnoser {
  check(text: string, type: MachineType): Promise<readonly Found[] | undefined>
  close(): void
}

export function openDiagnoser(): Diagnoser {
  const worker = new DiagnoseWorker()
  let last = 0
  let settle: ((found: readonly Found[] | undefined) => void) | undefined
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if (data.id === last) settle?.(data.found)
  }
  return {
    check(text, type) {
      settle?.(undefined)
      last += 1
      worker.postMessage({ id: last, text, type } satisfies Question)
      return new Promise((resolve) => {
        settle = resolve
      })
    },
    close: () => worker.terminate(),
  }
}
