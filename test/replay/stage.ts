/** Where a recorded case plays: the runtime on the memory store, a virtual clock, and chance that repeats itself. */
import type { Json } from '../../src/base/json.ts'

import { openRuntime, pass, settled, World } from '../../src/runtime/testing/world.ts'

export class Stage {
  readonly world = new World()
  readonly #process = openRuntime(this.world)
  #machineArn = ''

  get service() {
    return this.#process.service
  }

  get control() {
    return this.#process.control
  }

  async open(definition: object): Promise<void> {
    await this.#process.runtime.open()
    const roleArn = 'arn:aws:iam::000000000000:role/r'
    const { machine } = await this.control.machines.create({ name: 'm', definition: JSON.stringify(definition), roleArn })
    this.#machineArn = machine.arn
  }

  /** Begins the execution `e`; answers with its ARN. */
  async start(input: object = {}): Promise<string> {
    const request = { stateMachineArn: this.#machineArn, name: 'e', input: JSON.stringify(input) }
    const { executionArn } = await this.control.executions.start(request)
    await settled()
    return executionArn
  }

  pass(seconds: number): Promise<void> {
    return pass(this.world, seconds)
  }

  /** Answers the `n`-th call of a service, from 0. */
  async answer(n: number, output: Json): Promise<void> {
    this.service.call(n).answer({ kind: 'succeeded', output })
    await settled()
  }

  async fail(n: number, error: string, cause = 'as planned'): Promise<void> {
    this.service.call(n).answer({ kind: 'failed', failure: { error, cause } })
    await settled()
  }

  async submit(n: number, output: Json): Promise<void> {
    this.service.call(n).answer({ kind: 'submitted', output })
    await settled()
  }
}
