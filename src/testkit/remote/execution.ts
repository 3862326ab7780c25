/** A Standard execution at a server, or at AWS: asked how it is until it ends, in real time. */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'

import { detailsOf, type HistoryEvent } from '../../history/history-event.ts'
import { foldHistory, type Visit } from '../../history/visits.ts'

import { jsonOf } from '../mock.ts'
import { isMeant, pathOfVisit } from '../state-path.ts'
import { childrenOf, type StateRun, stateRunsOf, type Told } from '../state-run.ts'
import { SkippedOnTarget, type TargetName, type TargetRun, type TaskAnswer } from '../target.ts'
import { TestKitError } from '../kit-error.ts'
import { type StatesClient, textAt } from './states-client.ts'
import { stateNamed, tokenIn } from './task-token.ts'
import { ToldExecution } from './told-execution.ts'

export interface ExecutionPorts {
  readonly target: TargetName
  readonly states: StatesClient
  readonly definition: string
  readonly arn: string
  /** How long it may take. */
  readonly patienceMs: number
}

const FIRST_PAUSE_MS = 20
const SLOWEST_PAUSE_MS = 2_000
const WORKER = 'regente-test'

export class RealExecution extends ToldExecution implements TargetRun {
  readonly #ports: ExecutionPorts
  #events: readonly HistoryEvent[] = []
  #children: readonly Told[] = []
  /** Of tasks that were taken from an activity, by the id of their event. */
  readonly #taken = new Map<number, string>()

  constructor(ports: ExecutionPorts) {
    super(ports.target)
    this.#ports = ports
  }

  get executionArn(): string {
    return this.#ports.arn
  }

  async done(): Promise<void> {
    await this.#until(async () => this.status !== 'RUNNING', 'its end')
    await this.#read()
    this.#children = await this.#childrenIn(this.#events, '')
  }

  async reached(state: string): Promise<void> {
    await this.#until(async () => {
      await this.#read()
      return this.states().some(({ path, name }) => isMeant(state, path, name))
    }, state)
  }

  async stop(error: string | undefined, cause: string | undefined): Promise<void> {
    await this.#call('StopExecution', {
      executionArn: this.executionArn,
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    })
  }

  token(state: string): TaskAnswer {
    const tell = async (action: string, input: JsonObject): Promise<void> => {
      await this.#call(action, { taskToken: await this.#tokenOf(state), ...input })
    }
    return {
      succeed: (output) => tell('SendTaskSuccess', { output: JSON.stringify(jsonOf(output ?? {}, 'succeed')) }),
      fail: (error, cause = '') => tell('SendTaskFailure', { error, cause }),
      heartbeat: () => tell('SendTaskHeartbeat', {}),
    }
  }

  readonly hasHistory = true

  history(): readonly HistoryEvent[] {
    return this.#events
  }

  children(): readonly (readonly HistoryEvent[])[] {
    return childrenOf(this.#all()).map(({ events }) => events)
  }

  states(): readonly StateRun[] {
    return stateRunsOf(this.#all())
  }

  #all(): Told {
    return { events: this.#events, within: undefined, mapRunArn: undefined, children: this.#children }
  }

  #call(action: string, input: JsonObject): Promise<JsonObject> {
    return this.#ports.states.call(action, input)
  }

  async #read(): Promise<void> {
    this.#events = await this.#ports.states.history(this.executionArn)
  }

  /** Rejects with TestKitError where patience ends, or the execution does without it. */
  async #until(isThere: () => Promise<boolean>, wanted: string): Promise<void> {
    const { arn, patienceMs } = this.#ports
    const latest = performance.now() + patienceMs
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, SLOWEST_PAUSE_MS)) {
      this.told = await this.#call('DescribeExecution', { executionArn: arn })
      if (await isThere()) return
      if (this.status !== 'RUNNING') throw new TestKitError(`${arn} is ${this.status}, and has not come to ${wanted}.`)
      if (performance.now() > latest) throw await this.#tooLong(wanted)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  async #tooLong(wanted: string): Promise<TestKitError> {
    await this.#read()
    const standing = this.states().flatMap(({ path, status }) => (status === 'running' ? [path] : []))
    const seconds = this.#ports.patienceMs / 1_000
    return new TestKitError(
      `${this.executionArn} has not come to ${wanted} within ${seconds} s of real time: it stands at ${standing.join(', ')}. workflow({ patience }) sets how long it may take.`,
    )
  }

  async #tokenOf(state: string): Promise<string> {
    let waiting: Visit | undefined
    await this.#until(async () => {
      await this.#read()
      waiting = foldHistory(this.#events).visits.findLast(
        (visit) => visit.status === 'running' && isMeant(state, pathOfVisit(visit), visit.name) && scheduledIn(visit),
      )
      return waiting !== undefined
    }, `a task of ${state} that waits for an answer`)
    const scheduled = waiting && scheduledIn(waiting)
    if (!waiting || !scheduled) throw new Error('there was a task')
    const token = scheduled.type === 'ActivityScheduled' ? await this.#take(scheduled) : this.#passedOn(waiting, scheduled)
    if (token !== undefined) return token
    throw new SkippedOnTarget(
      this.target,
      `the token of ${state} is told by its call alone, which passes it on within other text. Pass $$.Task.Token as a member of its own.`,
    )
  }

  async #take(scheduled: HistoryEvent): Promise<string | undefined> {
    const known = this.#taken.get(scheduled.id)
    if (known !== undefined) return known
    const activityArn = detailsOf(scheduled).resource ?? ''
    const token = textAt(await this.#call('GetActivityTask', { activityArn, workerName: WORKER }), 'taskToken')
    if (token !== undefined) this.#taken.set(scheduled.id, token)
    return token
  }

  #passedOn({ name }: Visit, scheduled: HistoryEvent): string | undefined {
    const state = stateNamed(JSON.parse(this.#ports.definition) as JsonObject, name) ?? {}
    const template = getOwn(state, 'Arguments') ?? getOwn(state, 'Parameters') ?? null
    return tokenIn(template, JSON.parse(detailsOf(scheduled).parameters ?? 'null') as Json)
  }

  /** In the order in which they began. */
  async #childrenIn(events: readonly HistoryEvent[], prefix: string): Promise<readonly Told[]> {
    const { states } = this.#ports
    const children: Told[] = []
    for (const visit of foldHistory(events).visits) {
      for (const mapRunArn of new Set(visit.events.flatMap((event) => detailsOf(event).mapRunArn ?? []))) {
        const listed = await states.all('ListExecutions', { mapRunArn }, 'executions')
        for (const [index, arn] of listed
          .toReversed()
          .flatMap((one) => textAt(one, 'executionArn') ?? [])
          .entries()) {
          const path = `${prefix}${pathOfVisit(visit)}[${index}]`
          const events = await states.history(arn)
          children.push({ events, within: { path }, mapRunArn, children: await this.#childrenIn(events, `${path}/`) })
        }
      }
    }
    return children
  }
}

/** Its last task, where somebody is to answer it. */
function scheduledIn({ events }: Visit): HistoryEvent | undefined {
  const scheduled = events.findLast(({ type }) => type === 'TaskScheduled' || type === 'ActivityScheduled')
  if (scheduled?.type === 'ActivityScheduled') return scheduled
  const isTaken = events.some(({ type, id }) => type === 'TaskSubmitted' && scheduled !== undefined && id > scheduled.id)
  return isTaken && detailsOf(scheduled ?? NONE).resource?.endsWith('.waitForTaskToken') ? scheduled : undefined
}

const NONE: HistoryEvent = { id: 0, type: '', timestamp: 0 }
