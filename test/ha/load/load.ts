/**
 * Everybody who uses the cluster while it has a bad hour: starts executions as planned, works for activities, answers tokens,
 * stops and redrives. What each of them was told is written down: that is what has to be true in the end.
 */
import { randomUUID } from 'node:crypto'

import { sleep } from '../bed/workspace.ts'
import { answerOf, type Job, latencyOf, parseJob } from './answers.ts'
import type { Client } from './client.ts'
import { type Planned, plannedOf } from './plan.ts'
import type { TaskService } from './task-service.ts'
import { ACCOUNT, ACTIVITY, ACTIVITY_ARN, machineArnOf, WORKFLOWS } from './workflows.ts'

/** What a caller was told. */
export interface Told {
  /** Of the start; undefined: it was not acknowledged yet. */
  startedAt?: number
  /** The stop or the redrive was acknowledged. */
  meddledAt?: number
}

/** An answer to a token that was acknowledged. */
export interface TokenAnswer {
  readonly id: string
  /** Is in the history: in an output, or in a cause. */
  readonly mark: string
  readonly at: number
}

export interface Followed {
  readonly planned: Planned
  readonly told: Told
}

const ROLE = `arn:aws:iam::${ACCOUNT}:role/test`
const WORKERS = 4
/** A token that is answered late is so for whoever is cut off in between. */
const ANSWERED_BY_NOW = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])

export class Load {
  readonly followed: Followed[] = []
  readonly answers: TokenAnswer[] = []
  /** What should never have been said to a caller. */
  readonly complaints: string[] = []
  readonly #client: Client
  readonly #tasks: TaskService
  readonly #seed: number
  readonly #underway = new Set<Promise<void>>()
  #isStarting = true
  #isOver = false
  readonly #hangUp = new AbortController()

  constructor(client: Client, tasks: TaskService, seed: number) {
    this.#client = client
    this.#tasks = tasks
    this.#seed = seed
  }

  /** What is acknowledged by now. */
  get started(): number {
    return this.followed.filter(({ told }) => told.startedAt !== undefined).length
  }

  async createAll(): Promise<void> {
    await this.#client.insist('create the activity', (sfn) => sfn.createActivity({ name: ACTIVITY }))
    for (const [name, { definition }] of Object.entries(WORKFLOWS)) {
      const request = { name, definition: JSON.stringify(definition), roleArn: ROLE }
      const answer = await this.#client.insist(`create ${name}`, (sfn) => sfn.createStateMachine(request))
      if (answer.kind === 'refused') throw new Error(`${name} is not a workflow: ${answer.message}`)
    }
  }

  /** So many a second, until `stopStarting`. */
  begin(perSecond: number): void {
    for (let worker = 1; worker <= WORKERS; worker++) this.#also(this.#work(`worker-${worker}`))
    this.#also(this.#startAll(1_000 / perSecond))
  }

  /** Resolves when every start that was sent is acknowledged. */
  async stopStarting(): Promise<void> {
    this.#isStarting = false
    while (this.followed.some(({ told }) => told.startedAt === undefined) && this.complaints.length === 0) await sleep(50)
  }

  /** Nobody has anything to do any more. */
  async close(): Promise<void> {
    this.#isOver = true
    this.#hangUp.abort()
    await Promise.all(this.#underway)
  }

  /** Whoever was given a token answers it when its work is done. */
  answerToken(job: Job, token: string): void {
    this.#also(this.#answer(job, token))
  }

  #also(doing: Promise<void>): void {
    const guarded = doing.catch((error: unknown) => void this.complaints.push(`a caller failed: ${String(error)}`))
    this.#underway.add(guarded)
    void guarded.then(() => this.#underway.delete(guarded))
  }

  async #startAll(everyMs: number): Promise<void> {
    const begun = Date.now()
    for (let place = 0; this.#isStarting; place++) {
      await sleep(Math.max(0, begun + place * everyMs - Date.now()))
      const followed: Followed = { planned: plannedOf(this.#seed, place), told: {} }
      this.followed.push(followed)
      this.#also(this.#follow(followed))
    }
  }

  async #follow({ planned, told }: Followed): Promise<void> {
    const { name, workflow, input } = planned
    const request = { stateMachineArn: machineArnOf(workflow), name, input: JSON.stringify(input) }
    const answer = await this.#client.insist(`start ${name}`, (sfn) => sfn.startExecution(request))
    // Nobody else starts under this name: a call whose answer was lost has begun what is said to be there, and to have ended.
    const isOurs = answer.kind === 'refused' && answer.code === 'ExecutionAlreadyExists' && answer.wasAskedBefore
    if (answer.kind === 'refused' && !isOurs)
      return void this.complaints.push(`the start of ${name} was refused: ${answer.code}: ${answer.message}`)
    told.startedAt = Date.now()
    if (planned.meddling) await this.#meddle(planned, planned.meddling, told)
  }

  async #meddle(planned: Planned, meddling: NonNullable<Planned['meddling']>, told: Told): Promise<void> {
    const { arn: executionArn, name, meddlesAfterMs } = planned
    if (meddling.kind === 'redrive') await this.#failed(executionArn)
    await sleep(meddlesAfterMs)
    // Told twice by whoever did not hear the answer, and meant once.
    const clientToken = randomUUID()
    const answer = await this.#client.insist(`${meddling.kind} ${name}`, (sfn): Promise<object> => {
      if (meddling.kind === 'redrive') return sfn.redriveExecution({ executionArn, clientToken })
      return sfn.stopExecution({ executionArn, error: meddling.error, cause: meddling.cause })
    })
    if (answer.kind === 'refused') this.complaints.push(`the ${meddling.kind} of ${name} was refused: ${answer.message}`)
    else told.meddledAt = Date.now()
  }

  async #failed(executionArn: string): Promise<void> {
    while (!this.#isOver) {
      const answer = await this.#client.insist(`look at ${executionArn}`, (sfn) => sfn.describeExecution({ executionArn }))
      if (answer.kind === 'ok' && answer.value.status !== 'RUNNING') return
      await sleep(500)
    }
  }

  async #work(workerName: string): Promise<void> {
    while (!this.#isOver) {
      try {
        const request = { activityArn: ACTIVITY_ARN, workerName }
        const { taskToken, input } = await this.#client.poller.getActivityTask(request, { abortSignal: this.#hangUp.signal })
        if (taskToken === undefined) continue
        const job = parseJob(JSON.parse(input ?? ''))
        const call = this.#tasks.record(job, workerName)
        await this.#answer(job, taskToken)
        call.answeredAt = Date.now()
      } catch {
        // Whatever was on its way to us is given again when its time is over.
        await sleep(200)
      }
    }
  }

  async #answer(job: Job, taskToken: string): Promise<void> {
    await sleep(latencyOf(job))
    const { id, state, v, answer = 'success' } = job
    const mark = randomUUID()
    if (answer === 'success-after-heartbeats')
      for (let beats = 2; beats > 0; beats--) {
        await this.#client.insist(`heartbeat of ${id}`, (sfn) => sfn.sendTaskHeartbeat({ taskToken }))
        await sleep(300)
      }
    const given = await this.#client.insist(`answer ${id}`, (sfn): Promise<object> => {
      if (answer === 'failure') return sfn.sendTaskFailure({ taskToken, error: 'Refused', cause: mark })
      return sfn.sendTaskSuccess({ taskToken, output: JSON.stringify({ id, v: answerOf(v, state), mark }) })
    })
    if (given.kind === 'ok') this.answers.push({ id, mark, at: Date.now() })
    else if (!ANSWERED_BY_NOW.has(given.code))
      this.complaints.push(`the answer of ${state} for ${id} was refused: ${given.message}`)
  }
}
