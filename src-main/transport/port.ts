/** The contract over a MessagePort, as Electron's window uses it. */
import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { RequestHeadersPlugin } from '@orpc/server/plugins'

/** What is used of Electron's MessagePortMain. */
interface MessagePortMain {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  postMessage(message: unknown): void
  start(): void
}

/**
 * Answers calls that arrive on `port` until it closes; then running calls are aborted and event streams end.
 */
export function servePort(router: AnyRouter, port: MessagePortMain): void {
  const calls = new RPCHandler(router, { plugins: [new RequestHeadersPlugin()] })
  calls.upgrade(port as Parameters<typeof calls.upgrade>[0])
  port.start()
}
