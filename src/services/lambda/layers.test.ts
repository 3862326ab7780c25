import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  DeleteLayerVersionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openServicesDatabase } from '../kit/database.ts'

import { startTestLambda } from './testing/lambda.ts'
import { zipOf } from './testing/zip.ts'

const directory = mkdtempSync(join(tmpdir(), 'layers-'))
let lambda: Awaited<ReturnType<typeof startTestLambda>>
beforeAll(async () => {
  lambda = await startTestLambda({ directory })
})
afterAll(async () => {
  await lambda.close()
  rmSync(directory, { recursive: true, force: true })
})

const publish = (LayerName: string, files: Record<string, string>) =>
  lambda.client.send(
    new PublishLayerVersionCommand({ LayerName, Content: { ZipFile: zipOf(files) }, CompatibleRuntimes: ['nodejs22.x'] }),
  )

const use = (FunctionName: string, ...Layers: (string | undefined)[]) =>
  lambda.client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Layers: Layers.filter((one) => one !== undefined) }))

test('versions are counted, shown, listed and deleted, and their numbers do not return', async () => {
  const first = await publish('tools', { a: '1' })
  expect(first).toMatchObject({
    LayerArn: 'arn:aws:lambda:us-east-1:000000000000:layer:tools',
    LayerVersionArn: 'arn:aws:lambda:us-east-1:000000000000:layer:tools:1',
    Version: 1,
    CompatibleRuntimes: ['nodejs22.x'],
  })
  const { LayerVersionArn: Arn } = await publish('tools', { a: '2' })
  expect((await lambda.client.send(new GetLayerVersionByArnCommand({ Arn }))).Version).toBe(2)
  const { LayerVersions } = await lambda.client.send(new ListLayerVersionsCommand({ LayerName: 'tools' }))
  expect(LayerVersions?.map(({ Version }) => Version)).toEqual([2, 1])
  const { Layers } = await lambda.client.send(new ListLayersCommand({}))
  expect(Layers).toMatchObject([{ LayerName: 'tools', LatestMatchingVersion: { Version: 2 } }])
  await lambda.client.send(new DeleteLayerVersionCommand({ LayerName: 'tools', VersionNumber: 1 }))
  await expect(lambda.client.send(new GetLayerVersionCommand({ LayerName: 'tools', VersionNumber: 1 }))).rejects.toThrow(
    'does not exist',
  )
  await lambda.client.send(new DeleteLayerVersionCommand({ LayerName: 'tools', VersionNumber: 2 }))
  expect((await lambda.client.send(new ListLayersCommand({}))).Layers).toEqual([])
  expect((await publish('tools', { a: '2' })).Version).toBe(3)
})

test('a function finds what its layers bring, the later over the earlier; one that is not here is left out', async () => {
  const under = await publish('under', {
    'nodejs/node_modules/greet/index.js': "module.exports = 'under'",
    'nodejs/node_modules/only/index.js': "module.exports = 'only'",
  })
  const over = await publish('over', { 'nodejs/node_modules/greet/index.js': "module.exports = 'over'", 'bin/x': '' })
  await lambda.create('layered', {
    'index.js': "exports.handler = async () => [require('greet'), require('only'), process.env.PATH.split(':')[0]]",
  })
  await use('layered', under.LayerVersionArn, over.LayerVersionArn, 'arn:aws:lambda:us-east-1:017000801446:layer:Powertools:7')
  expect((await lambda.invoke('layered')).payload).toEqual(['over', 'only', expect.stringMatching(/\/bin$/)])
})

test('so does one in Python', async () => {
  const { LayerVersionArn } = await publish('py', { 'python/greet.py': "word = 'hello'" })
  await lambda.create(
    'snake',
    { 'app.py': 'import greet\ndef handler(e, c): return greet.word' },
    { runtime: 'python3.12', handler: 'app.handler' },
  )
  await use('snake', LayerVersionArn)
  expect((await lambda.invoke('snake')).payload).toBe('hello')
})

test('a data folder that has been moved has its functions and layers still', async () => {
  const home = mkdtempSync(join(tmpdir(), 'moved-'))
  const places = [join(home, 'here'), join(home, 'there')] as const
  const open = async (place: string) => {
    const database = openServicesDatabase(place)
    return { database, ...(await startTestLambda({ directory: place, database })) }
  }
  const before = await open(places[0])
  const { LayerVersionArn: layer } = await before.client.send(
    new PublishLayerVersionCommand({
      LayerName: 'l',
      Content: { ZipFile: zipOf({ 'nodejs/node_modules/greet/index.js': "module.exports = 'hello'" }) },
    }),
  )
  await before.create('f', { 'index.js': "exports.handler = async () => require('greet')" })
  await before.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Layers: [layer ?? ''] }))
  await before.close()
  before.database.close()
  renameSync(...places)
  const after = await open(places[1])
  expect((await after.invoke('f')).payload).toBe('hello')
  await after.close()
  after.database.close()
  rmSync(home, { recursive: true })
})
