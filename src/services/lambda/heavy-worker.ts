/** The thread's side of helper-thread.ts: takes a job, does it, answers. */
import { parentPort } from 'node:worker_threads'

import { isObject } from '../../base/json.ts'

import { type ReadRequest, WORK, type Work } from './heavy-work.ts'

export type Job = { readonly [N in keyof Work]: { readonly name: N; readonly parameters: Parameters<Work[N]> } }[keyof Work]
export type Answer = { readonly ok: unknown } | { readonly error: { readonly name: string; readonly message: string } }

/** Answers go out in the order of the jobs: each waits for the one before it. */
let before = Promise.resolve()
parentPort?.on('message', (job: Job) => {
  before = before.then(() => answer(job))
})

async function answer(job: Job): Promise<void> {
  try {
    const work = WORK[job.name] as (...parameters: readonly unknown[]) => unknown
    const ok = await work(...job.parameters)
    const archive = isObject(ok) ? (ok as Partial<ReadRequest>).archive : undefined
    parentPort?.postMessage({ ok } satisfies Answer, archive ? [archive.buffer] : [])
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    parentPort?.postMessage({ error: { name, message } } satisfies Answer)
  }
}
