/** What went wrong, told; and a net, so that one broken page does not take the rest along. */
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import { Component, type ReactNode } from 'react'

import { ApiError } from '../api/client.ts'
import { tellApiError } from '../messages/api-errors.ts'
import { useMessages } from '../messages/messages.tsx'

export function Problem({ error }: { readonly error: unknown }) {
  const { t, language } = useMessages()
  if (!error) return null
  if (isServerAway(error)) return <Alert type="warning">{t('serverAway')}</Alert>
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ApiError)) return <Alert type="error">{message}</Alert>
  const told = tellApiError(error.code, language)
  return (
    <Alert type="error" header={error.code}>
      {told} {told !== undefined ? <small className="pre">({message})</small> : message}
    </Alert>
  )
}

/** `fetch` rejects with a TypeError where nobody has answered; each browser has its own words for it. */
export const isServerAway = (error: unknown): boolean =>
  error instanceof TypeError && /fetch|network|load failed/i.test(error.message)

export class ErrorNet extends Component<{ readonly children: ReactNode }, { readonly error?: unknown }> {
  override state: { readonly error?: unknown } = {}

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <Crash error={this.state.error} />
  }
}

function Crash({ error }: { readonly error: unknown }) {
  const { t } = useMessages()
  return (
    <Alert type="error" header={t('crash')} action={<Button onClick={() => location.reload()}>{t('reload')}</Button>}>
      {String(error)}
    </Alert>
  )
}
