import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CreateFunctionCommand, PublishLayerVersionCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ROLE, startTestLambda } from './testing/lambda.ts'
import { zipOf } from './testing/zip.ts'

let lambda: Awaited<ReturnType<typeof startTestLambda>>
beforeAll(async () => {
  lambda = await startTestLambda()
})
afterAll(() => lambda.close())

const TOOL = `#!/var/lang/bin/python
import sys
print("tool", *sys.argv[1:])
`
const HANDLER = `
import os, subprocess
def run(*args, **named):
    return subprocess.check_output(*args, **named).decode().strip()
def handler(event, context):
    missing = None
    try:
        run(["/opt/kit/none"])
    except FileNotFoundError as error:
        missing = error.filename.endswith("kit/none")
    return [run(["/opt/kit/tool", "a"]), run("/opt/kit/tool"), run(["/bin/echo", "b"]), run("echo c", shell=True), missing, os.environ.get("REGENTE_LAYERS")]
`

test('a Python function starts the programs of its layers, though AWS alone has a Python at /var/lang', async () => {
  const Content = { ZipFile: zipOf({ 'kit/tool': TOOL }, 0o100755) }
  const layer = await lambda.client.send(new PublishLayerVersionCommand({ LayerName: 'kit', Content }))
  await lambda.client.send(
    new CreateFunctionCommand({
      FunctionName: 'starts',
      Runtime: 'python3.12',
      Handler: 'index.handler',
      Role: ROLE,
      Code: { ZipFile: zipOf({ 'index.py': HANDLER }) },
      Layers: [layer.LayerVersionArn ?? ''],
    }),
  )
  expect((await lambda.invoke('starts')).payload).toEqual(['tool a', 'tool', 'b', 'c', true, null])
})

test('programs of layers are found where layers cannot stand at /opt', () => {
  const layers = mkdtempSync(join(tmpdir(), 'regente-layers-'))
  try {
    mkdirSync(join(layers, 'kit'))
    writeFileSync(join(layers, 'kit/tool'), TOOL)
    const program = `import sys; sys.path.insert(0, sys.argv[1]); import layer_programs, subprocess
layer_programs.lend_programs(sys.argv[2]); subprocess.check_call(["/opt/kit/tool", "there"])`
    const args = ['-B', '-c', program, join(import.meta.dirname, 'runtimes'), layers]
    expect(execFileSync('python3', args, { encoding: 'utf8' })).toBe('tool there\n')
  } finally {
    rmSync(layers, { recursive: true })
  }
})
