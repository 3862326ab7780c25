/** What is started, in which order, with which input, and how it has to end: all of it follows from the seed. */
import { Dice } from '../../simulation/dice.ts'

import { TOKEN_ANSWERS } from './answers.ts'
import { type Course, executionArnOf, WORKFLOWS, type WorkflowName } from './workflows.ts'

export interface Planned extends Course {
  readonly workflow: WorkflowName
  /** Of the execution; its effects bear it too. */
  readonly name: string
  readonly arn: string
  /** How long whoever meddles with it waits first, in milliseconds. */
  readonly meddlesAfterMs: number
}

/** How many of a hundred. */
const SHARES = {
  sequence: 14,
  'sequence-jsonata': 10,
  retry: 10,
  parallel: 8,
  map: 8,
  'distributed-map': 5,
  callback: 8,
  'callback-queue': 7,
  activity: 8,
  nested: 6,
  timer: 6,
  timers: 4,
  redrive: 3,
  stop: 3,
} as const satisfies Readonly<Record<WorkflowName, number>>

/** The execution of this place, from 0, in the endless row of a seed. */
export function plannedOf(seed: number, place: number): Planned {
  const dice = new Dice(seed).of(`execution ${place}`)
  const workflow = drawWorkflow(dice.below(100))
  const name = `e${place}`
  const drawn = { id: name, v: dice.below(9_000), count: dice.below(4), answer: dice.pick(TOKEN_ANSWERS) }
  return {
    workflow,
    name,
    arn: executionArnOf(workflow, name),
    meddlesAfterMs: dice.pick([0, 100, 1_000, 5_000]),
    ...WORKFLOWS[workflow].course(drawn),
  }
}

function drawWorkflow(chance: number): WorkflowName {
  let left = chance
  for (const [name, share] of entriesOf(SHARES)) if ((left -= share) < 0) return name
  throw new Error('the shares are a hundred')
}

const entriesOf = <K extends string, V>(record: Readonly<Record<K, V>>) => Object.entries(record) as [K, V][]
