/**
 * Makes src/tasks/api-models/*.json out of the API models that AWS's SDK for Python ships (botocore/data): of each operation
 * the shape of its output, with what AWS requires of it, against which TestState checks mocked results; and the shape of its
 * input, members and types alone, against which the parameters of Tasks are checked.
 * Run: node scripts/api-models.mjs "$(python3 -c 'import botocore, os; print(os.path.dirname(botocore.__file__))')/data"
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { ROOT } from './node.mjs'

const [, , data] = process.argv
if (!data || !existsSync(data)) {
  console.error(
    'Say where botocore keeps its data, for example: node scripts/api-models.mjs /usr/lib/python3/dist-packages/botocore/data',
  )
  process.exit(2)
}

/** Name in a Resource ARN -> botocore's folder, where the two differ. */
const FOLDERS = {
  sfn: 'stepfunctions',
  eventbridge: 'events',
  cloudwatchlogs: 'logs',
  elasticmapreduce: 'emr',
  emrserverless: 'emr-serverless',
  emrcontainers: 'emr-containers',
  bedrockruntime: 'bedrock-runtime',
  bedrockagentcore: 'bedrock-agentcore',
  cognitoidentityprovider: 'cognito-idp',
  applicationautoscaling: 'application-autoscaling',
}
const SERVICES = [
  'sfn',
  'lambda',
  's3',
  'sqs',
  'sns',
  'dynamodb',
  'eventbridge',
  'cloudwatchlogs',
  'scheduler',
  'kms',
  'secretsmanager',
  'ssm',
  'sts',
  'iam',
  'ecs',
  'ecr',
  'eks',
  'batch',
  'glue',
  'athena',
  'codebuild',
  'elasticmapreduce',
  'emrserverless',
  'emrcontainers',
  'sagemaker',
  'databrew',
  'mediaconvert',
  'bedrock',
  'bedrockruntime',
  'bedrockagentcore',
  'cloudwatch',
  'kinesis',
  'firehose',
  'sesv2',
  'rekognition',
  'textract',
  'comprehend',
  'translate',
  'transcribe',
  'polly',
  'apigateway',
  'cognitoidentityprovider',
  'cloudformation',
]

const TYPES = { integer: 'number', long: 'number', float: 'number', double: 'number', character: 'string' }
const pascal = (name) => name[0].toUpperCase() + name.slice(1)

function readModel(folder) {
  const versions = readdirSync(join(data, folder)).sort()
  const file = join(data, folder, versions.at(-1), 'service-2.json')
  return JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : gunzipSync(readFileSync(`${file}.gz`)).toString('utf8'))
}

/** The shape as the checks read it: the type alone where there is nothing more to say. Values of inputs the service judges itself. */
function shapeOf(shape, isOutput) {
  if (shape.document) return 'document'
  const type = TYPES[shape.type] ?? shape.type
  switch (type) {
    case 'structure': {
      const required = (shape.required ?? []).map(pascal)
      const members = Object.fromEntries(Object.entries(shape.members).map(([name, { shape: of }]) => [pascal(name), of]))
      return { type, ...(required.length > 0 && { required }), members }
    }
    case 'list':
      return { type, member: shape.member.shape }
    case 'map':
      return { type, value: shape.value.shape }
    default: {
      if (!isOutput) return type
      const { min, max, enum: values } = shape
      const rest = { ...(min !== undefined && { min }), ...(max !== undefined && { max }), ...(values && { enum: values }) }
      return Object.keys(rest).length > 0 ? { type, ...rest } : type
    }
  }
}

function compact(model) {
  const operations = {}
  const inputs = {}
  const shapes = {}
  const visit = (name, isOutput) => {
    if (name in shapes) return
    const shape = model.shapes[name]
    shapes[name] = shapeOf(shape, isOutput)
    if (shape.document) return
    for (const { shape: of } of Object.values(shape.members ?? {})) visit(of, isOutput)
    for (const inner of [shape.member, shape.value]) if (inner) visit(inner.shape, isOutput)
  }
  for (const [name, { output }] of Object.entries(model.operations)) {
    if (!output) continue
    operations[name] = output.shape
    visit(output.shape, true)
  }
  for (const [name, { input }] of Object.entries(model.operations)) {
    inputs[name] = input?.shape ?? null
    if (input) visit(input.shape, false)
  }
  return { operations, inputs, shapes }
}

const target = join(ROOT, 'src/tasks/api-models')
mkdirSync(target, { recursive: true })
for (const service of SERVICES) {
  const text = JSON.stringify(compact(readModel(FOLDERS[service] ?? service)))
  writeFileSync(join(target, `${service}.json`), `${text}\n`)
  console.log(service.padEnd(28), text.length)
}
