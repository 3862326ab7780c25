/** Makes a function of one file, with something in it that answers; its code is written on the function's page. */
import Button from '@cloudscape-design/components/button'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { createFunction } from '../../api/lambda.ts'
import { Problem } from '../../ui/error.tsx'
import { go, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'

const NODE = `export const handler = async (event) => {
  console.log('event', event)
  return { message: \`Hello, \${event.name ?? 'world'}!\` }
}
`
const PYTHON = `def handler(event, context):
    print("event", event)
    return {"message": f"Hello, {event.get('name', 'world')}!"}
`

/** Handler and first file by runtime. */
const FIRST = {
  'nodejs24.x': { handler: 'index.handler', files: [{ path: 'index.mjs', text: NODE }] },
  'nodejs22.x': { handler: 'index.handler', files: [{ path: 'index.mjs', text: NODE }] },
  'python3.13': { handler: 'lambda_function.handler', files: [{ path: 'lambda_function.py', text: PYTHON }] },
  'python3.12': { handler: 'lambda_function.handler', files: [{ path: 'lambda_function.py', text: PYTHON }] },
} as const
type Runtime = keyof typeof FIRST
const isRuntime = (text: string): text is Runtime => Object.hasOwn(FIRST, text)

/** Source: Lambda API reference, CreateFunction, FunctionName. */
const NAME = /^[\w-]{1,64}$/

export function NewFunction() {
  const { t } = useMessages()
  const [name, setName] = useState('')
  const [runtime, setRuntime] = useState<Runtime>('nodejs24.x')
  const create = useMutation({
    mutationFn: () => createFunction({ name, runtime, ...FIRST[runtime] }),
    onSuccess: () => go(pathTo('functions', name, { tab: 'code' })),
  })
  const isWrong = name !== '' && !NAME.test(name)
  return (
    <>
      <form
        className="form short"
        onSubmit={(event) => {
          event.preventDefault()
          if (name !== '' && !isWrong && !create.isPending) create.mutate()
        }}
      >
        <label>
          {t('newFunction')}
          {isWrong && <small>{t('functionNameRefused')}</small>}
          <input value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          {t('runtime')}{' '}
          <select value={runtime} onChange={({ target }) => isRuntime(target.value) && setRuntime(target.value)}>
            {Object.keys(FIRST).map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <Button formAction="submit" loading={create.isPending} disabled={name === '' || isWrong}>
          {t('create')}
        </Button>
      </form>
      <Problem error={create.error} />
    </>
  )
}
