/** An editor follows a text that may be changed from outside, too. */
import type { EditorView } from 'codemirror'
import { type RefObject, useEffect } from 'react'

/** What the editor has of itself already is left alone: its cursor and its history with it. */
export function useShownText(view: RefObject<EditorView | undefined>, text: string): void {
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [view, text])
}
