/**
 * Makes src/aws/operation-names.ts out of the API models that AWS's SDK for Python ships (botocore/data): which operations each
 * service of AWS has that Regente embeds; of those that are told apart by method and path, these too, with the parameters and
 * headers that must be there.
 * Run: node scripts/aws-operations.mjs "$(python3 -c 'import botocore, os; print(os.path.dirname(botocore.__file__))')/data"
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { ROOT } from './node.mjs'

const [, , data] = process.argv
if (!data || !existsSync(data)) {
  console.error(
    'Say where botocore keeps its data, for example: node scripts/aws-operations.mjs /usr/lib/python3/dist-packages/botocore/data',
  )
  process.exit(2)
}

/** As credential scopes name a service -> botocore's folders. */
const SERVICES = {
  apigateway: ['apigateway', 'apigatewayv2'],
  cloudcontrolapi: ['cloudcontrol'],
  cloudformation: ['cloudformation'],
  dynamodb: ['dynamodb', 'dynamodbstreams'],
  ecr: ['ecr'],
  events: ['events'],
  iam: ['iam'],
  kms: ['kms'],
  lambda: ['lambda'],
  logs: ['logs'],
  monitoring: ['cloudwatch'],
  pipes: ['pipes'],
  s3: ['s3'],
  scheduler: ['scheduler'],
  secretsmanager: ['secretsmanager'],
  sns: ['sns'],
  sqs: ['sqs'],
  ssm: ['ssm'],
  states: ['stepfunctions'],
  sts: ['sts'],
  tagging: ['resourcegroupstaggingapi'],
}
const WIDTH = 126

function readModel(folder) {
  const version = readdirSync(join(data, folder)).sort().at(-1)
  const path = join(data, folder, version, 'service-2.json')
  return JSON.parse(existsSync(path) ? readFileSync(path, 'utf8') : gunzipSync(readFileSync(`${path}.gz`)).toString('utf8'))
}

/** `GetObjectTagging GET /{Bucket}/{Key+}?tagging`: a parameter that must be there, with any value, ends in `=`. */
function requestLine({ shapes }, name, { http, input }) {
  const { required = [], members = {} } = input ? shapes[input.shape] : {}
  const needed = (location) =>
    required.filter((member) => members[member].location === location).map((member) => members[member].locationName)
  const query = needed('querystring').map((parameter) => `${parameter}=`)
  const [path, flags] = http.requestUri.split('?')
  const asked = [...(flags ? [flags] : []), ...query].join('&')
  return [
    name,
    http.method,
    asked === '' ? path : `${path}?${asked}`,
    ...needed('header').map((header) => header.toLowerCase()),
  ].join(' ')
}

function wrapped(words) {
  const lines = ['']
  for (const word of words) {
    if (lines.at(-1).length + word.length > WIDTH) lines.push('')
    lines[lines.length - 1] += lines.at(-1) === '' ? `  ${word}` : ` ${word}`
  }
  return lines
}

function entry(service, folders) {
  const models = folders.map(readModel)
  const isRest = models[0].metadata.protocol.startsWith('rest-')
  const operations = models
    .flatMap((model) => Object.entries(model.operations).map(([name, operation]) => ({ model, name, operation })))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const lines = isRest
    ? operations.map(({ model, name, operation }) => `  ${requestLine(model, name, operation)}`)
    : wrapped(operations.map(({ name }) => name))
  return `  ${service}: \`\n${lines.map((line) => `  ${line}`).join('\n')}\`,`
}

const HEAD = `/**
 * The operations that services of AWS have, those that are not here included: names alone, or where a request is told by them a
 * line with method, path, and the parameters (\`partNumber=\`) and headers that it must have.
 * Made by scripts/aws-operations.mjs; not written by hand. Source: AWS's API models.
 */
export const OPERATION_NAMES = {
`
const text = `${HEAD}${Object.entries(SERVICES)
  .map(([service, folders]) => entry(service, folders))
  .join('\n')}\n}\n`
writeFileSync(join(ROOT, 'src/aws/operation-names.ts'), text)
console.log(text.length)
