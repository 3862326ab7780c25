/**
 * Carries out what turns ask for, once it is durable: tasks, activities, Map Runs. At least once: after a crash the state asks
 * again, and whoever carries a command out recognizes it. What it leads to comes back as a signal.
 */
import { assertNever } from '../base/assert.ts'

import type { Command, MapRunStart } from '../engine/command.ts'
import type { MapRunRequest } from '../engine/map-run/state.ts'
import type { SignalBody } from '../engine/signal.ts'
import type { Store } from '../store/contract.ts'

import type { TaskMocks } from '../control/mock-config/task-mocks.ts'
import type { Activation } from './activation.ts'
import type { Activities } from './activities.ts'
import { isTaskCommand, signalOfMock } from './mocked-tasks.ts'
import type { MapRuns } from './distributed-map/map-runs.ts'

import type { KeepTrying } from './keep-trying.ts'
import type { TaskRunner } from './task-runner.ts'

export interface DispatcherPorts {
  readonly store: Store
  readonly tasks: TaskRunner
  readonly activities: Activities
  readonly mapRuns: MapRuns
  readonly keepTrying: KeepTrying
  readonly mocks: TaskMocks | undefined
  post(activation: Activation, signal: SignalBody): void
}

export class Dispatcher {
  readonly #ports: DispatcherPorts

  constructor(ports: DispatcherPorts) {
    this.#ports = ports
  }

  dispatch(activation: Activation, command: Command): void {
    const { tasks, activities, mapRuns, mocks } = this.#ports
    if (activation.state.testCase !== undefined && isTaskCommand(command)) {
      const mocked = signalOfMock(activation.state, activation.state.testCase, mocks, command)
      if (mocked === 'gone') return
      if (mocked) return this.#ports.post(activation, mocked)
    }
    switch (command.type) {
      case 'RunTask':
        void tasks.run(activation, command)
        return
      case 'CancelTask':
        activation.calls.get(command.task)?.abort()
        activation.calls.delete(command.task)
        return activities.withdraw(activation.record.key, command.task)
      case 'FindActivity':
        return this.#keepTrying('looking for an activity', () => this.#findActivity(activation, command))
      case 'OfferActivity': {
        const { activityArn, frame, task } = command
        return activities.offer({ activityArn, execution: activation.record.key, frame, task })
      }
      case 'StartMapRun':
        return this.#keepTrying('starting a Map Run', () => mapRuns.start(mapRunRequest(activation, command)))
      case 'RedriveMapRun':
        return this.#keepTrying('redriving a Map Run', () =>
          mapRuns.redrive(mapRunRequest(activation, command), command.redriveCount),
        )
      case 'StopMapRun':
        return this.#keepTrying('stopping a Map Run', () => mapRuns.stop(command.mapRunArn))
      default:
        return assertNever(command, 'command')
    }
  }

  #keepTrying(what: string, action: () => Promise<void>): void {
    void this.#ports.keepTrying.until(what, action)
  }

  async #findActivity(activation: Activation, { activityArn, frame }: Extract<Command, { type: 'FindActivity' }>): Promise<void> {
    const found = await this.#ports.store.activity(activityArn)
    this.#ports.post(activation, { type: found ? 'ActivityFound' : 'ActivityMissing', frame })
  }
}

function mapRunRequest({ record, state }: Activation, command: { readonly type: string } & MapRunStart): MapRunRequest {
  const { type: _, ...start } = command
  return {
    ...start,
    executionKey: record.key,
    executionArn: record.arn,
    executionName: record.name,
    stateMachineArn: record.stateMachineArn,
    stateMachineName: state.identity.stateMachineName,
    stateMachineKey: record.stateMachineKey,
    revisionKey: record.revisionKey,
    ...(state.testCase !== undefined && { testCase: state.testCase }),
  }
}
