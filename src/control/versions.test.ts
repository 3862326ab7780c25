import { describe, expect, test } from 'vitest'

import { ARN, openService, settled } from '../runtime/testing/world.ts'

const M = `${ARN}:stateMachine:m`
const NEW = { name: 'm', roleArn: 'arn:aws:iam::000000000000:role/r' }
const NOT_FOUND = { code: 'ResourceNotFound', message: 'Request references a resource that does not exist.' }
const passing = (Result: unknown) => JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', Result, End: true } } })
const all = (stateMachineVersionArn: string) => [{ stateMachineVersionArn, weight: 100 }]
const split = (weight: number) => [
  { stateMachineVersionArn: `${M}:1`, weight },
  { stateMachineVersionArn: `${M}:2`, weight: 100 - weight },
]

/** A machine whose version `n` answers with `n`. */
async function published(count: number) {
  const { world, control } = await openService()
  const { machines } = control
  await machines.create({ ...NEW, definition: passing(1), publish: true })
  for (let n = 2; n <= count; n++) await machines.update({ stateMachineArn: M, definition: passing(n), publish: true })
  return { world, ...control }
}

describe('PublishStateMachineVersion', () => {
  test('of a revision that is published answers with its version', async () => {
    const { versions } = await published(1)
    expect(await versions.publish(M, undefined, 'another text')).toMatchObject({ arn: `${M}:1`, version: 1 })
    expect((await versions.list(M, 10)).rows).toHaveLength(1)
  })

  test('numbers versions up and gives no number out again', async () => {
    const { machines, versions } = await published(2)
    await versions.remove(`${M}:2`)
    expect((await versions.publish(M, undefined, undefined)).arn).toBe(`${M}:3`)
    await machines.update({ stateMachineArn: M, definition: passing(9) })
    expect((await versions.publish(M, undefined, undefined)).arn).toBe(`${M}:4`)
    expect((await versions.list(M, 10)).rows.map(({ version }) => version)).toEqual([4, 3, 1])
  })

  test('of a revision that is no longer the current one is a conflict', async () => {
    const { machines, versions } = await published(1)
    const { revisionId = '' } = await machines.update({ stateMachineArn: M, definition: passing(2) })
    await expect(versions.publish(M, 'INITIAL', undefined)).rejects.toMatchObject({
      code: 'ConflictException',
      status: 409,
      message: `Failed to publish the State Machine version for revision INITIAL. The current State Machine revision is ${revisionId}.`,
    })
    expect((await versions.publish(M, revisionId, undefined)).arn).toBe(`${M}:2`)
  })

  test('knows the first revision as INITIAL', async () => {
    const { versions } = await published(1)
    await expect(versions.publish(M, 'other', undefined)).rejects.toMatchObject({
      message: 'Failed to publish the State Machine version for revision other. The current State Machine revision is INITIAL.',
    })
    expect((await versions.publish(M, 'INITIAL', undefined)).arn).toBe(`${M}:1`)
  })

  test('of no machine is told so', async () => {
    const { versions } = await published(1)
    const arn = `${ARN}:stateMachine:none`
    await expect(versions.publish(arn, undefined, undefined)).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${arn}'`,
    })
    await expect(versions.publish('none', undefined, undefined)).rejects.toMatchObject({ code: 'InvalidArn' })
  })
})

describe('DeleteStateMachineVersion', () => {
  test('is refused while aliases route to it, which are named', async () => {
    const { versions } = await published(2)
    await versions.createAlias('live', undefined, split(50))
    await versions.createAlias('test', undefined, all(`${M}:2`))
    const conflict = (names: string) => ({
      code: 'ConflictException',
      message: `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names}]`,
    })
    await expect(versions.remove(`${M}:1`)).rejects.toMatchObject(conflict('live'))
    await expect(versions.remove(`${M}:2`)).rejects.toMatchObject({ message: expect.stringMatching(/live.*test|test.*live/) })
    await versions.updateAlias(`${M}:live`, undefined, all(`${M}:2`))
    await versions.remove(`${M}:1`)
    expect((await versions.list(M, 10)).rows.map(({ arn }) => arn)).toEqual([`${M}:2`])
  })

  test('of a missing one is done already; of what is no machine it is refused', async () => {
    const { versions } = await published(1)
    await versions.remove(`${M}:7`)
    await expect(versions.remove(`${ARN}:activity:a`)).rejects.toMatchObject({ code: 'InvalidArn' })
  })

  test('leaves an execution of it to its end', async () => {
    const { world, versions, machines, executions } = await published(1)
    const definition = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 5, End: true } } })
    await machines.update({ stateMachineArn: M, definition, publish: true })
    const { executionArn } = await executions.start({ stateMachineArn: `${M}:2`, name: 'e' })
    await versions.remove(`${M}:2`)
    world.clock.advance(5_000)
    await settled()
    expect(world.row(executionArn)).toMatchObject({ status: 'SUCCEEDED', versionArn: `${M}:2` })
    await expect(executions.start({ stateMachineArn: `${M}:2` })).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' })
  })
})

describe('CreateStateMachineAlias', () => {
  test('told again it answers with the alias that is there; with anything else it is a conflict', async () => {
    const { world, versions } = await published(2)
    const made = await versions.createAlias('live', 'd', split(30))
    world.clock.advance(1_000)
    expect(await versions.createAlias('live', 'd', split(30))).toEqual(made)
    const others = [
      ['d', split(31)],
      ['other', split(30)],
      [undefined, split(30)],
    ] as const
    for (const [description, routes] of others) {
      await expect(versions.createAlias('live', description, routes)).rejects.toMatchObject({
        code: 'ConflictException',
        status: 409,
        message:
          'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
      })
    }
    expect(await versions.describeAlias(`${M}:live`)).toEqual(made)
  })

  test.each(['123', '', 'has space', 'a'.repeat(81), 'a/b', 'a:b'])('of the name %j is refused', async (name) => {
    const { versions } = await published(1)
    await expect(versions.createAlias(name, undefined, all(`${M}:1`))).rejects.toMatchObject({
      code: 'ValidationException',
      message: `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$`,
    })
  })

  test.each(['a', '1-0', '_', 'a'.repeat(80)])('of the name %j is taken', async (name) => {
    const { versions } = await published(1)
    expect((await versions.createAlias(name, undefined, all(`${M}:1`))).arn).toBe(`${M}:${name}`)
  })

  const v = (n: number, weight: number, machine = M) => ({ stateMachineVersionArn: `${machine}:${n}`, weight })
  test.each([
    ['a machine', [{ stateMachineVersionArn: M, weight: 100 }], `must contain state machine version ARNs. Received: [${M}]`],
    ['an alias', all(`${M}:live`), `must contain state machine version ARNs. Received: [${M}:live]`],
    ['no ARN', all('v'), 'must contain state machine version ARNs. Received: [v]'],
    ['one version twice', [v(1, 50), v(1, 50)], `must contain distinct state machine version ARNs. Received: [${M}:1, ${M}:1]`],
    ['two machines', [v(1, 50), v(1, 50, `${M}2`)], 'must reference versions of one state machine.'],
  ])('routed to %s is refused', async (_, routes, message) => {
    const { machines, versions } = await published(2)
    await machines.create({ ...NEW, name: 'm2', definition: passing(1), publish: true })
    await versions.createAlias('live', undefined, all(`${M}:1`))
    await expect(versions.createAlias('a', undefined, routes)).rejects.toMatchObject({
      code: 'ValidationException',
      message: `Routing configuration ${message}`,
      detail: { reason: 'INVALID_ROUTING_CONFIGURATION' },
    })
  })

  test.each([[[v(1, 99)]], [[v(1, 0)]], [[v(1, 50), v(2, 51)]], [[v(1, 50), v(2, 49)]]])(
    'with weights that do not make a hundred is refused: %j',
    async (routes) => {
      const { versions } = await published(2)
      await expect(versions.createAlias('a', undefined, routes)).rejects.toMatchObject({
        message: `Sum of routing configuration weights must equal 100. Received: [${routes.map(({ weight }) => weight).join(', ')}]`,
        detail: { reason: 'INVALID_ROUTING_CONFIGURATION' },
      })
    },
  )

  test('routed to a version that is not there is told so', async () => {
    const { versions } = await published(1)
    await expect(versions.createAlias('a', undefined, all(`${M}:2`))).rejects.toMatchObject(NOT_FOUND)
  })
})

describe('UpdateStateMachineAlias', () => {
  test('changes what it is told and leaves the rest', async () => {
    const { world, versions } = await published(2)
    const made = await versions.createAlias('live', 'first', all(`${M}:1`))
    world.clock.advance(1_000)
    await versions.updateAlias(made.arn, 'second', undefined)
    expect(await versions.describeAlias(made.arn)).toEqual({
      ...made,
      description: 'second',
      updatedAt: made.updatedAt + 1_000,
    })
    await versions.updateAlias(made.arn, undefined, all(`${M}:2`))
    expect(await versions.describeAlias(made.arn)).toMatchObject({
      description: 'second',
      routing: JSON.stringify(all(`${M}:2`)),
      createdAt: made.createdAt,
    })
  })

  test('that tells nothing is refused', async () => {
    const { versions } = await published(1)
    await versions.createAlias('live', undefined, all(`${M}:1`))
    await expect(versions.updateAlias(`${M}:live`, undefined, undefined)).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Either description or routingConfiguration must be specified',
      detail: { reason: 'MISSING_REQUIRED_PARAMETER' },
    })
  })

  test('of a missing alias is told so, before its routes are looked at', async () => {
    const { versions } = await published(1)
    await expect(versions.updateAlias(`${M}:none`, 'd', [])).rejects.toMatchObject(NOT_FOUND)
    await expect(versions.updateAlias('none', 'd', undefined)).rejects.toMatchObject({ code: 'InvalidArn' })
  })

  test('checks routes as a create does, and an alias stays with its machine', async () => {
    const { machines, versions } = await published(2)
    await versions.createAlias('live', undefined, all(`${M}:1`))
    await machines.create({ ...NEW, name: 'other', definition: passing(1), publish: true })
    const refused = [[], [{ stateMachineVersionArn: `${M}:1`, weight: 1 }], all(`${ARN}:stateMachine:other:1`)]
    for (const routes of refused)
      await expect(versions.updateAlias(`${M}:live`, undefined, routes)).rejects.toMatchObject({
        code: 'ValidationException',
        detail: { reason: 'INVALID_ROUTING_CONFIGURATION' },
      })
    expect((await versions.describeAlias(`${M}:live`)).routing).toBe(JSON.stringify(all(`${M}:1`)))
  })
})

describe('DeleteStateMachineAlias', () => {
  test('takes the alias away and leaves its versions', async () => {
    const { versions, executions } = await published(1)
    await versions.createAlias('live', undefined, all(`${M}:1`))
    await versions.removeAlias(`${M}:live`)
    await expect(versions.describeAlias(`${M}:live`)).rejects.toMatchObject(NOT_FOUND)
    await expect(executions.start({ stateMachineArn: `${M}:live` })).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' })
    await executions.start({ stateMachineArn: `${M}:1` })
  })

  test('of a missing one is told so', async () => {
    const { versions } = await published(1)
    await expect(versions.removeAlias(`${M}:live`)).rejects.toMatchObject(NOT_FOUND)
    await expect(versions.removeAlias('live')).rejects.toMatchObject({ code: 'InvalidArn' })
  })
})

describe('an execution that is started', () => {
  /** Which version each of `count` starts through the alias came to. */
  async function drawn(weight: number, count: number): Promise<readonly (string | undefined)[]> {
    const { world, versions, executions } = await published(2)
    await versions.createAlias('live', undefined, split(weight))
    const arns: (string | undefined)[] = []
    for (let n = 0; n < count; n++) {
      const { executionArn } = await executions.start({ stateMachineArn: `${M}:live`, name: `e${n}` })
      await settled()
      const row = world.row(executionArn)
      expect(row?.aliasArn).toBe(`${M}:live`)
      expect(row?.output, 'it runs the version that it says').toBe(row?.versionArn?.slice(M.length + 1))
      arns.push(row?.versionArn)
    }
    return arns
  }

  test('through an alias runs one of its versions, by weight, and the draw follows from the entropy alone', async () => {
    const arns = await drawn(75, 200)
    const first = arns.filter((arn) => arn === `${M}:1`).length
    expect(first, 'of 200, for a weight of 75').toBeGreaterThan(130)
    expect(first).toBeLessThan(170)
    expect(await drawn(75, 200)).toEqual(arns)
  })

  test.each([
    [100, ':1'],
    [0, ':2'],
  ])('through an alias with the weight %d always runs %s', async (weight, version) => {
    expect(new Set(await drawn(weight, 30))).toEqual(new Set([`${M}${version}`]))
  })

  test('through a version runs that one, whatever the machine is now', async () => {
    const { world, executions } = await published(3)
    const { executionArn } = await executions.start({ stateMachineArn: `${M}:2`, name: 'e' })
    await settled()
    expect(world.row(executionArn)).toMatchObject({ output: '2', versionArn: `${M}:2` })
    expect(world.row(executionArn)).not.toHaveProperty('aliasArn')
  })

  test('through the machine runs the newest revision, and no version', async () => {
    const { world, executions } = await published(2)
    const { executionArn } = await executions.start({ stateMachineArn: M, name: 'e' })
    await settled()
    expect(world.row(executionArn)).toMatchObject({ output: '2' })
    expect(world.row(executionArn)).not.toHaveProperty('versionArn')
  })

  test('is listed by the alias, the version and the machine that it came through', async () => {
    const { versions, executions } = await published(2)
    await versions.createAlias('live', undefined, all(`${M}:1`))
    for (const [name, arn] of Object.entries({ plain: M, version: `${M}:1`, alias: `${M}:live`, other: `${M}:2` }))
      await executions.start({ stateMachineArn: arn, name })
    await settled()
    const names = async (stateMachineArn: string) =>
      (await executions.list({ stateMachineArn }, 10)).rows.map(({ name }) => name).toSorted()
    expect(await names(M)).toEqual(['alias', 'other', 'plain', 'version'])
    expect(await names(`${M}:1`)).toEqual(['alias', 'version'])
    expect(await names(`${M}:live`)).toEqual(['alias'])
  })
})

describe('the lists', () => {
  test('of versions and aliases come page by page, and their tokens are of their own machine', async () => {
    const { machines, versions } = await published(3)
    await machines.create({ ...NEW, name: 'other', definition: passing(1), publish: true })
    const first = await versions.list(M, 2)
    expect(first.rows.map(({ version }) => version)).toEqual([3, 2])
    expect((await versions.list(M, 2, first.next)).rows.map(({ version }) => version)).toEqual([1])
    await expect(versions.list(`${ARN}:stateMachine:other`, 2, first.next)).rejects.toMatchObject({ code: 'InvalidToken' })
    for (const name of ['a', 'b', 'c']) await versions.createAlias(name, undefined, all(`${M}:1`))
    const aliases = await versions.listAliases(M, 2)
    const rest = await versions.listAliases(M, 2, aliases.next)
    expect([...aliases.rows, ...rest.rows].map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c'])
    expect(rest.next).toBeUndefined()
    await expect(versions.list(M, 2, aliases.next)).rejects.toMatchObject({ code: 'InvalidToken' })
  })

  test('of the aliases of a version are those that route to it', async () => {
    const { versions } = await published(2)
    await versions.createAlias('one', undefined, all(`${M}:1`))
    await versions.createAlias('both', undefined, split(10))
    await versions.createAlias('two', undefined, all(`${M}:2`))
    const names = async (arn: string) => (await versions.listAliases(arn, 10)).rows.map(({ name }) => name).toSorted()
    expect(await names(`${M}:1`)).toEqual(['both', 'one'])
    expect(await names(`${M}:2`)).toEqual(['both', 'two'])
  })
})
