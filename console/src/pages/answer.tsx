/** Answers a task that waits with its token, in place of the worker that was told it. */
import Button from '@cloudscape-design/components/button'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { states } from '../api/client.ts'
import { treeOf } from '../model/json-text.ts'
import { Problem } from '../ui/error.tsx'
import { useMessages } from '../messages/messages.tsx'

export function Answer({ token }: { readonly token: string }) {
  const { t } = useMessages()
  const [output, setOutput] = useState('{}')
  const [error, setError] = useState('')
  const [cause, setCause] = useState('')
  const send = useMutation({
    mutationFn: async (isApproved: boolean): Promise<unknown> => {
      if (isApproved) return states('SendTaskSuccess', { taskToken: token, output })
      return states('SendTaskFailure', { taskToken: token, ...(error !== '' && { error }), ...(cause !== '' && { cause }) })
    },
  })
  const isJson = treeOf(output) !== undefined
  return (
    <form className="form" onSubmit={(event) => event.preventDefault()}>
      <p>{t('waitsText')}</p>
      <label>
        {t('answerOutput')}
        <textarea value={output} aria-invalid={!isJson} onChange={(event) => setOutput(event.target.value)} />
      </label>
      <Button variant="primary" disabled={!isJson || send.isSuccess} loading={send.isPending} onClick={() => send.mutate(true)}>
        {t('approve')}
      </Button>
      <label>
        {t('error')} <input value={error} maxLength={256} onChange={(event) => setError(event.target.value)} />
      </label>
      <label>
        {t('cause')} <input value={cause} maxLength={32_768} onChange={(event) => setCause(event.target.value)} />
      </label>
      <Button disabled={send.isSuccess} loading={send.isPending} onClick={() => send.mutate(false)}>
        {t('reject')}
      </Button>
      <Problem error={send.error} />
    </form>
  )
}
