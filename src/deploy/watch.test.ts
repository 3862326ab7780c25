import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { deferred } from '../base/deferred.ts'

import type { DeployedStack } from './deploy.ts'
import { watch } from './watch.ts'

test('a change of the template deploys again, a broken template is told and the watch goes on', async () => {
  const server = createServer((_, res) => res.end('<R><CreateTopicResult><TopicArn>arn:t</TopicArn></CreateTopicResult></R>'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const folder = await mkdtemp(join(tmpdir(), 'regente-watch-'))
  const path = join(folder, 'template.yaml')
  const template = (output: string) => `Resources:\n  T:\n    Type: AWS::SNS::Topic\nOutputs:\n  O: {Value: ${output}}\n`
  await writeFile(path, template('one'))
  let next = deferred<DeployedStack | Error>()
  const take = async () => {
    const value = await next.promise
    next = deferred()
    return value
  }
  const watching = watch(path, {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    account: '000000000000',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    settleMs: 20,
    onDeployed: (stack) => next.resolve(stack),
    onError: (error) => next.resolve(error as Error),
  })
  try {
    expect(await take()).toMatchObject({ outputs: { O: 'one' } })
    await writeFile(path, 'Resources: 7')
    expect(await take()).toBeInstanceOf(Error)
    await writeFile(path, template('two'))
    expect(await take()).toMatchObject({ outputs: { O: 'two' } })
  } finally {
    await watching.close()
    server.close()
    await rm(folder, { recursive: true })
  }
})
