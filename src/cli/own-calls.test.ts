import { expect, test } from 'vitest'

import { callsElsewhere, endpointOfClients } from './own-calls.ts'

const OWN = 'http://127.0.0.1:4566'

test('a server that calls itself alone has nothing to tell', () => {
  expect(callsElsewhere({}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_SQS: '' })).toEqual([])
})

test('what is called elsewhere is told with the setting that it comes from', () => {
  const env = { AWS_ENDPOINT_URL_SQS: 'http://q:9324', AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: 'aws' }
  expect(callsElsewhere({ awsEndpoint: 'aws', servicesUrl: 'http://s:1' }, env)).toEqual([
    'S3, Lambda, SNS, SQS, DynamoDB, Logs, EventBridge, Secrets Manager and STS are those of http://s:1 (--services-url).',
    'CLOUDWATCH LOGS is called at AWS (AWS_ENDPOINT_URL_CLOUDWATCH_LOGS).',
    'SQS is called at http://q:9324 (AWS_ENDPOINT_URL_SQS).',
    'All other services are called at AWS (--aws-endpoint).',
  ])
})

test('an address of the shell that is another server is said not to be called', () => {
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }
  expect(endpointOfClients({}, OWN, env)).toEqual([expect.stringContaining('AWS_ENDPOINT_URL=http://127.0.0.1:9 is for clients')])
  expect(endpointOfClients({}, OWN, { AWS_ENDPOINT_URL: `${OWN}/` })).toEqual([])
  expect(endpointOfClients({}, OWN, {})).toEqual([])
  expect(endpointOfClients({ awsEndpoint: 'http://127.0.0.1:9' }, OWN, env)).toEqual([])
})
