/**
 * What a bare Node process does on this machine that is asked over a pipe and answers over it, one question at a time: how often a
 * second so many are asked and have answered. No function can be called more often, whoever calls it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'

import { perSecond } from './workload.ts'

const ANSWERS = `const pipe = new (require('node:net').Socket)({ fd: 3, readable: true, writable: true })
  pipe.on('error', () => {})
  pipe.on('data', (text) => pipe.write(JSON.stringify(JSON.parse(text))))`

const QUESTION = '{"order":1,"customer":"c"}'
const MEASURED_MS = 2_000

export async function measureBareProcesses(processes: number): Promise<number> {
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, ['-e', ANSWERS], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] }),
  )
  let answers = 0
  let isOver = false
  for (const child of children) {
    const pipe = child.stdio[3] as Duplex
    pipe.on('data', (text: Buffer) => {
      answers++
      if (!isOver) pipe.write(JSON.stringify(JSON.parse(text.toString())))
    })
    pipe.write(QUESTION)
    await once(pipe, 'data')
  }
  const before = answers
  const begun = performance.now()
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS))
  const rate = perSecond(answers - before, performance.now() - begun)
  isOver = true
  for (const child of children) (child.stdio[3] as Duplex).destroy()
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
  return rate
}
