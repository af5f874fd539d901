/** The contract over WebSockets, as a browser's window uses it. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'

/** Calls carry settings and texts; big data goes by file or media URL. */
const MAX_MESSAGE_BYTES = 8 << 20
const HEARTBEAT_MS = 30_000

interface Sockets {
  /** Makes a WebSocket of a request that may have one. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Resolves when a page has been connected and none has been for `graceMs`. */
  abandoned(graceMs: number): Promise<void>
  close(): void
}

export function createSockets(router: AnyRouter): Sockets {
  const calls = new RPCHandler(router)
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  const onClosed = new Set<() => void>()
  let wasVisited = false
  server.on('connection', (socket) => {
    wasVisited = true
    // A message that is too big or malformed: ws closes the connection itself, and the window reconnects.
    socket.on('error', (error) => {
      console.error(`A connection ended: ${error.message}`)
    })
    socket.on('close', () => {
      for (const listener of [...onClosed]) {
        listener()
      }
    })
    void calls.upgrade(socket)
  })
  const stopHeartbeat = startHeartbeat(server)

  return {
    accept(request, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) =>
        server.emit('connection', webSocket, request),
      )
    },
    abandoned: (graceMs) =>
      new Promise((resolve) => {
        const check = (): void => {
          setTimeout(() => {
            if (!wasVisited || server.clients.size > 0) {
              return
            }
            onClosed.delete(check)
            resolve()
          }, graceMs)
        }
        onClosed.add(check)
      }),
    close() {
      stopHeartbeat()
      for (const socket of server.clients) {
        socket.terminate()
      }
    },
  }
}

/** Ends connections whose other end does not answer any more; returns the way to stop. */
function startHeartbeat(server: WebSocketServer): () => void {
  const answered = new WeakSet<WebSocket>()
  server.on('connection', (socket) => {
    answered.add(socket)
    socket.on('pong', () => answered.add(socket))
  })
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (answered.delete(socket)) {
        socket.ping()
      } else {
        socket.terminate()
      }
    }
  }, HEARTBEAT_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}
