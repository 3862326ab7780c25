/** The status of a stack or of a resource of it, in AWS's own word. */
import StatusIndicator from '@cloudscape-design/components/status-indicator'

export function StackStatus({ status }: { readonly status: string }) {
  return <StatusIndicator type={signOf(status)}>{status}</StatusIndicator>
}

function signOf(status: string): 'error' | 'in-progress' | 'pending' | 'stopped' | 'success' | 'warning' {
  if (status.endsWith('_FAILED')) return 'error'
  if (status === 'REVIEW_IN_PROGRESS') return 'pending'
  if (status.endsWith('_IN_PROGRESS')) return 'in-progress'
  if (status.includes('ROLLBACK')) return 'warning'
  return status.startsWith('DELETE') ? 'stopped' : 'success'
}
