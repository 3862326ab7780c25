import { expect, test } from 'vitest'

import { callsElsewhere, endpointOfClients, nodeLines } from './own-calls.ts'

const OWN = 'http://127.0.0.1:4566'

test('a server that calls itself alone has nothing to tell', () => {
  expect(callsElsewhere({}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_SQS: '' })).toEqual([])
})

test('what is called elsewhere is told with the setting that it comes from', () => {
  const env = { AWS_ENDPOINT_URL_SQS: 'http://q:9324', AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: 'aws' }
  expect(callsElsewhere({ awsEndpoint: 'aws', servicesUrl: 'http://s:1' }, env)).toEqual([
    'S3, Lambda, SNS, SQS, DynamoDB, DynamoDB Streams, Logs, EventBridge, Scheduler, Secrets Manager, Parameter Store, KMS, CloudWatch, ECR, API Gateway, API Gateway v2, IAM, STS and Resource Groups Tagging are those of http://s:1 (--services-url).',
    'CLOUDWATCH LOGS is called at AWS (AWS_ENDPOINT_URL_CLOUDWATCH_LOGS).',
    'SQS is called at http://q:9324 (AWS_ENDPOINT_URL_SQS).',
    'All other services are called at AWS (--aws-endpoint).',
  ])
})

test('a server that runs functions for its services says so', () => {
  expect(callsElsewhere({ servicesUrl: 'http://s:1', lambda: true }, {}).at(-1)).toBe('Their functions run here too (--lambda).')
})

test('a node says where its executions are, and where the others reach it, without a password', () => {
  const store = 'postgres://me:secret@db/regente'
  expect(nodeLines({ store }, OWN)).toEqual([
    'Executions are kept in postgres://me:****@db/regente (--store). Other nodes reach this one at http://127.0.0.1:4566 (--node-url).',
  ])
  expect(nodeLines({ store, nodeUrl: 'http://node-1:4566' }, OWN)[0]).toContain('at http://node-1:4566 (')
  expect(nodeLines({}, OWN)).toEqual([])
})

test('a node says which services are nowhere, and how to give them', () => {
  const store = 'postgres://db/regente'
  const [line, ...others] = callsElsewhere({ store }, {})
  expect(line).toMatch(
    /^WARNING: S3, Lambda, .* and Resource Groups Tagging are nowhere: .*`regente services --port 4567`.* --services-url http:/,
  )
  expect(others).toEqual([])
  const env = { AWS_ENDPOINT_URL_S3: 'http://minio:9000', AWS_ENDPOINT_URL_SECRETS_MANAGER: 'aws' }
  expect(callsElsewhere({ store }, env).at(-1)).toContain(
    'WARNING: Lambda, SNS, SQS, DynamoDB, DynamoDB Streams, Logs, EventBridge, Scheduler, Parameter Store, KMS, CloudWatch, ECR, API Gateway, API Gateway v2, IAM, STS and Resource Groups Tagging are',
  )
  for (const calls of [
    { store, servicesUrl: 'http://s:1' },
    { store, awsEndpoint: 'aws' },
  ])
    expect(callsElsewhere(calls, {}).join()).not.toContain('WARNING')
})

test('an address of the shell that is another server is said not to be called', () => {
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }
  expect(endpointOfClients({}, OWN, env)).toEqual([expect.stringContaining('AWS_ENDPOINT_URL=http://127.0.0.1:9 is for clients')])
  expect(endpointOfClients({}, OWN, { AWS_ENDPOINT_URL: `${OWN}/` })).toEqual([])
  expect(endpointOfClients({}, OWN, {})).toEqual([])
  expect(endpointOfClients({ awsEndpoint: 'http://127.0.0.1:9' }, OWN, env)).toEqual([])
})
