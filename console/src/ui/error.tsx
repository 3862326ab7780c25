/** What went wrong, told; and a net, so that one broken page does not take the rest along. */
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import { Component, type ReactNode } from 'react'

import { ApiError } from '../api/client.ts'
import { useMessages } from '../messages/messages.tsx'

export function Problem({ error }: { readonly error: unknown }) {
  if (!error) return null
  const header = error instanceof ApiError ? error.code : undefined
  return (
    <Alert type="error" header={header}>
      {error instanceof Error ? error.message : String(error)}
    </Alert>
  )
}

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
