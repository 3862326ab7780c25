/** An empty list that says what to do next, with a command to copy. */
export function EmptyState({ text, command }: { readonly text: string; readonly command?: string }) {
  return (
    <div className="empty-state">
      <p>{text}</p>
      {command !== undefined && <code>{`aws --endpoint-url ${location.origin} ${command}`}</code>}
    </div>
  )
}
