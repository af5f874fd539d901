/**
 * The child's side of the channel. Electron's utilityProcess talks through process.parentPort, Node's fork
 * through process.send; nothing else in a child knows which one it is.
 */
import { createDispatch } from './dispatch.ts'
import type { ChildHandlers, ChildMethods, FromChild, ToChild } from './messages.ts'

interface ParentPort {
  postMessage(message: FromChild): void
  on(event: 'message', listener: (event: { data: ToChild<never> }) => void): void
}

/** Answers the calls of the process that started this one, as long as it lives; `name` is what this process is. */
export function serveParent<Methods extends ChildMethods<Methods>, Progress>(
  name: string,
  handlers: ChildHandlers<Methods, Progress>,
): void {
  const { parentPort } = process as typeof process & { parentPort?: ParentPort }
  if (parentPort) {
    const dispatch = createDispatch(handlers, (message) => parentPort.postMessage(message))
    parentPort.on('message', ({ data }) => dispatch(data))
  } else if (process.send) {
    const send = process.send.bind(process)
    const dispatch = createDispatch(handlers, (message) => {
      // The parent may go at any moment; what it can't hear it doesn't need.
      if (process.connected) {
        send(message, undefined, undefined, () => {})
      }
    })
    process.on('message', (message) => dispatch(message as ToChild<never>))
    // Without a parent there is nobody to work for.
    process.on('disconnect', () => process.exit())
  } else {
    console.error(`This is ${name} of Vitrine. It is started by Vitrine and does nothing on its own.`)
    process.exit(1)
  }
}
