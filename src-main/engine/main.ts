/**
 * Entry of the engine process. Electron's utilityProcess talks through process.parentPort, Node's fork
 * through process.send; nothing else here knows which one it is.
 */
import type { FromEngine, ToEngine } from '../engine-host/contract/index.ts'
import { createDispatch } from './dispatch.ts'
import { handlers } from './handlers.ts'

interface ParentPort {
  postMessage(message: FromEngine): void
  on(event: 'message', listener: (event: { data: ToEngine }) => void): void
}

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
  process.on('message', (message) => dispatch(message as ToEngine))
  // Without a parent there is nobody to work for.
  process.on('disconnect', () => process.exit())
} else {
  console.error('This is the engine of Vitrine. It is started by Vitrine and does nothing on its own.')
  process.exit(1)
}
