/** An empty list that says what to do next, with a command to copy. */
export function Teach({ text, command }: { readonly text: string; readonly command?: string }) {
  return (
    <div className="teach">
      <p>{text}</p>
      {command !== undefined && <code>{`aws --endpoint-url ${location.origin} ${command}`}</code>}
    </div>
  )
}
