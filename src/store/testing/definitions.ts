/** What is promised of machines, versions, aliases, activities and tags when they are changed by many, and kept. */
import { describe, expect, test } from 'vitest'

import type { ActivityArn, AliasArn } from '../../base/arn.ts'
import { asId } from '../../base/id-in-test.ts'
import type { StateMachineKey } from '../../base/ids.ts'

import { at, executionOf, firstTurn, machineOf, madeMachine, pagesOf, revisionOf } from './records.ts'
import type { Opened } from './opened.ts'

export function testDefinitionPromises({ store, reopen }: Opened): void {
  const aliasOf = (stateMachineKey: StateMachineKey, name: string) => ({
    arn: asId<AliasArn>(`arn:machine:m:${name}`),
    stateMachineKey,
    name,
    routing: '[]',
    createdAt: at(1),
    updatedAt: at(1),
  })

  describe('a machine', () => {
    test('of a name that many want is made once', async () => {
      const made = await Promise.all(['1', '2', '3'].map((text) => store().createStateMachine(machineOf('m'), revisionOf(text))))
      const machines = made.filter((one) => one !== 'name-taken')
      expect(machines).toHaveLength(1)
      expect(await store().stateMachine(asId('arn:machine:m'))).toEqual(machines[0])
    })

    test('is kept as it was given, with all configurations of its revision', async () => {
      const revision = {
        ...revisionOf('{"StartAt": "Ü"}'),
        revisionId: 'r',
        loggingConfiguration: '{"level":"ALL"}',
        tracingConfiguration: '{"enabled":true}',
        encryptionConfiguration: '{}',
      }
      const made = await store().createStateMachine({ ...machineOf('m'), type: 'EXPRESS' }, revision)
      await reopen()
      expect(await store().stateMachine(asId('arn:machine:m'))).toEqual(made)
      expect(made).toMatchObject({ type: 'EXPRESS', status: 'ACTIVE', createdAt: at(0), revision })
    })

    test('is listed without its definition, by ARN, page by page', async () => {
      for (const name of ['c', 'a', 'e', 'b', 'd']) await madeMachine(store(), name)
      for (const limit of [1, 2, 5, 9]) {
        const pages = await pagesOf(limit, (most, from) => store().stateMachines(most, from))
        expect(pages.flat().map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e'])
        expect(pages).toHaveLength(Math.ceil(5 / limit))
      }
    })

    test('that is deleted takes its versions and aliases, and no others', async () => {
      const [gone, kept] = [await madeMachine(store(), 'm'), await madeMachine(store(), 'n')]
      for (const { key, arn, revision } of [gone, kept]) {
        await store().createVersion({ stateMachineKey: key, revisionKey: revision.key, createdAt: at(1) }, arn)
        await store().putAlias({ ...aliasOf(key, 'live'), arn: asId(`${arn}:live`) })
      }
      await store().deleteStateMachine(gone.key)
      expect(await store().version(asId(`${gone.arn}:1`))).toBeUndefined()
      expect(await store().alias(asId(`${gone.arn}:live`))).toBeUndefined()
      expect(await store().revision(gone.revision.key), 'no execution needs it').toBeUndefined()
      expect(await store().version(asId(`${kept.arn}:1`))).toBeDefined()
      expect(await store().alias(asId(`${kept.arn}:live`))).toBeDefined()
      await store().deleteStateMachine(gone.key)
    })

    test('that is deleted leaves its revisions while an execution of it is kept', async () => {
      const made = await madeMachine(store())
      const updated = await store().updateStateMachine(made.key, revisionOf('2'))
      await store().commit([firstTurn(executionOf(1, { stateMachineKey: made.key, revisionKey: made.revision.key }))])
      await store().deleteStateMachine(made.key)
      expect((await store().revision(made.revision.key))?.definition).toBe('1')
      expect((await store().revision(updated?.revision.key ?? asId(0)))?.definition).toBe('2')
    })

    test('gets keys that none has had, also after the store was opened again', async () => {
      const first = await madeMachine(store())
      await store().deleteStateMachine(first.key)
      await reopen()
      const second = await madeMachine(store())
      expect(second.key).toBeGreaterThan(first.key)
      expect(second.revision.key).toBeGreaterThan(first.revision.key)
    })
  })

  describe('a version', () => {
    test('of a revision that has one is that one, also when many publish at once', async () => {
      const { key, arn, revision } = await madeMachine(store())
      const publish = (description: string) =>
        store().createVersion({ stateMachineKey: key, revisionKey: revision.key, description, createdAt: at(1) }, arn)
      const made = await Promise.all(['a', 'b', 'c'].map(publish))
      expect(made[0]).toMatchObject({ arn: `${arn}:1`, version: 1 })
      for (const one of made) expect(one).toEqual(made[0])
      expect((await store().versions(key, 9)).rows).toEqual([made[0]])
      await reopen()
      expect(await store().version(asId(`${arn}:1`))).toEqual(made[0])
      expect(await store().versionOfRevision(revision.key)).toEqual(made[0])
    })

    test('that is not there is told as none', async () => {
      expect(await store().version(asId('arn:machine:m:1'))).toBeUndefined()
      expect(await store().versionOfRevision(asId(1))).toBeUndefined()
      await store().deleteVersion(asId('arn:machine:m:1'))
    })

    test('keeps counting after the store was opened again', async () => {
      const { key, arn } = await madeMachine(store())
      const publish = async (definition: string) => {
        const updated = await store().updateStateMachine(key, revisionOf(definition))
        return store().createVersion(
          { stateMachineKey: key, revisionKey: updated?.revision.key ?? asId(0), createdAt: at(1) },
          arn,
        )
      }
      await publish('2')
      await publish('3')
      await store().deleteVersion(asId(`${arn}:2`))
      await reopen()
      expect(await publish('4')).toMatchObject({ version: 3, arn: `${arn}:3` })
      const pages = await pagesOf(1, (limit, from) => store().versions(key, limit, from))
      expect(pages.flat().map(({ version }) => version)).toEqual([3, 1])
    })
  })

  test('aliases are listed by name, page by page, and keep the time of their making', async () => {
    const { key } = await madeMachine(store())
    for (const name of ['c', 'a', 'b']) await store().putAlias({ ...aliasOf(key, name), description: name })
    await store().putAlias({ ...aliasOf(key, 'a'), createdAt: at(9), updatedAt: at(9) })
    await reopen()
    const pages = await pagesOf(2, (limit, from) => store().aliases(key, limit, from))
    expect(pages.flat().map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect(await store().alias(asId('arn:machine:m:a'))).toEqual({ ...aliasOf(key, 'a'), updatedAt: at(9) })
    expect((await store().aliases(asId(99), 9)).rows).toEqual([])
  })

  describe('activities and tags', () => {
    test('are listed by ARN, page by page, and kept', async () => {
      for (const name of ['c', 'a', 'b'])
        await store().createActivity({ arn: asId(`arn:activity:${name}`), name, createdAt: at(1), encryptionConfiguration: '{}' })
      await reopen()
      const pages = await pagesOf(2, (limit, from) => store().activities(limit, from))
      expect(pages.map((page) => page.map(({ name }) => name))).toEqual([['a', 'b'], ['c']])
      expect(await store().activity(asId('arn:activity:a'))).toMatchObject({ encryptionConfiguration: '{}' })
    })

    test('of one name that many want is made once', async () => {
      const activity = { arn: asId<ActivityArn>('arn:activity:a'), name: 'a', createdAt: at(1) }
      const made = await Promise.all([1, 2, 3].map((n) => store().createActivity({ ...activity, createdAt: at(n) })))
      expect(made.toSorted()).toEqual(['created', 'exists', 'exists'])
    })

    test('of one resource are not those of another, and what was put at once is all there', async () => {
      await Promise.all(['a', 'b', 'c'].map((key) => store().putTags(asId('arn:one'), new Map([[key, key.toUpperCase()]]))))
      await store().putTags(asId('arn:two'), new Map([['x', '']]))
      await store().removeTags(asId('arn:two'), ['a', 'never'])
      await reopen()
      expect(await store().tags(asId('arn:one'))).toEqual(
        new Map([
          ['a', 'A'],
          ['b', 'B'],
          ['c', 'C'],
        ]),
      )
      expect(await store().tags(asId('arn:two'))).toEqual(new Map([['x', '']]))
      expect((await store().tags(asId('arn:none'))).size).toBe(0)
    })
  })
}
