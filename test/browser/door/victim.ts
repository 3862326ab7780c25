/** What there is to lose on a server, and how to see that nothing of it was lost and nothing was added. */
const QUEUE = { 'content-type': 'application/x-amz-json-1.0' }

type Answer = Readonly<Record<string, unknown>>

async function call(url: string, target: string, input: object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...QUEUE, 'x-amz-target': target },
    body: JSON.stringify(input),
  })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Answer
}

const OBJECTS: readonly (readonly [key: string, contentType: string, body: string])[] = [
  ['object.txt', 'text/plain', 'a secret'],
  ['pixel.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'],
  ['script.js', 'text/javascript', 'globalThis.leaked = "a secret"'],
  ['style.css', 'text/css', 'body { color: red }'],
  ['page.html', 'text/html', '<p>a secret</p>'],
]

/** A bucket with a secret in each form that a page can embed, a queue with a message. */
export async function prepare(url: string): Promise<void> {
  await fetch(`${url}/victim`, { method: 'PUT' })
  for (const [key, type, body] of OBJECTS)
    await fetch(`${url}/victim/${key}`, { method: 'PUT', headers: { 'content-type': type }, body })
  const { QueueUrl } = await call(url, 'AmazonSQS.CreateQueue', { QueueName: 'victim' })
  await call(url, 'AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'precious' })
}

/** Everything by its name. */
export async function stateOf(url: string) {
  const text = async (path: string) => (await fetch(url + path)).text()
  const names = (all: string, pattern: RegExp) => [...all.matchAll(pattern)].map(([, name]) => name)
  const peek = `/_regente/sqs/messages?QueueUrl=${encodeURIComponent(`${url}/000000000000/victim`)}`
  const { stateMachines } = await call(url, 'AWSStepFunctions.ListStateMachines', {})
  const topics = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: 'Action=ListTopics&Version=2010-03-31',
  })
  return {
    functions: names(await text('/2015-03-31/functions'), /"FunctionName":"([^"]*)"/g),
    buckets: names(await text('/'), /<Name>([^<]*)</g),
    objects: names(await text('/victim'), /<Key>([^<]*)</g),
    queues: names(JSON.stringify(await call(url, 'AmazonSQS.ListQueues', {})), /\/000000000000\/([^"]*)"/g),
    messages: names(await text(peek), /"body":"([^"]*)"/g),
    machines: names(JSON.stringify(stateMachines), /"name":"([^"]*)"/g),
    topics: names(await topics.text(), /<TopicArn>([^<]*)</g),
  }
}
