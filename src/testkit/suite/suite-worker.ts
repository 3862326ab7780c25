/** A process that runs files of suites, one after the other, for the one that has started it (`run-files.ts`). */
import type { WorkerMessage, WorkerOrder } from './run-files.ts'
import { runFile } from './run-file.ts'

const tell = (message: WorkerMessage): void => void process.send?.(message)

process.on('message', ({ file, options }: WorkerOrder) => {
  void runFile(file, options, (event) => tell({ type: 'Event', event })).then(() => tell({ type: 'Done' }))
})
process.on('disconnect', () => process.exit())
