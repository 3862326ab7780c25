/** A Node function that answers what it is given, by the name `same`. */
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'

import { zipOf } from '../src/services/lambda/testing/zip.ts'

import { ROLE } from './workload.ts'

export async function createNoOpFunction(endpoint: string): Promise<void> {
  const lambda = new LambdaClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const Code = { ZipFile: zipOf({ 'index.js': 'exports.handler = async (event) => event' }) }
  await lambda.send(
    new CreateFunctionCommand({ FunctionName: 'same', Runtime: 'nodejs22.x', Handler: 'index.handler', Role: ROLE, Code }),
  )
  lambda.destroy()
}
